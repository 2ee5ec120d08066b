#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>
#include <c10/util/accumulate.h>

#include <span>
#include <utility>

#include "decay_ranges.hpp"
#include "rule.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/core/host_copy.hpp"
#include "trunkline/core/tensor.hpp"
#include "trunkline/optim/optimizer.hpp"

namespace trunkline {
namespace {

void check_entries(const Slice& slice) {
  int64_t end = 0;
  for (const SliceEntry& entry : slice.entries) {
    check<BugError>(
        entry.begin >= end && c10::multiply_integers(entry.shape) == entry.end - entry.begin,
        "slice {}: entry {} is [{}, {}), expected ascending and as large as its shape", slice.name,
        entry.name, entry.begin, entry.end);
    end = entry.end;
  }
  check<BugError>(end <= slice.parameters.numel() && (end > 0 || slice.parameters.numel() == 0),
                  "slice {}: entries end at {}, expected 1 to {} elements", slice.name, end,
                  slice.parameters.numel());
}

void check_tensors(const Slice& slice) {
  const at::Tensor& p = slice.parameters;
  const at::Tensor& g = slice.gradient;
  check<BugError>(p.dim() == 1 && p.is_contiguous() && g.is_contiguous() && g.sizes() == p.sizes(),
                  "slice {}: expected contiguous parameters and gradient of the same length",
                  slice.name);
  check<BugError>((p.scalar_type() == at::kFloat || p.scalar_type() == at::kDouble) &&
                      g.scalar_type() == p.scalar_type() && g.device() == p.device(),
                  "slice {}: expected float32 or float64 on one device, found {} and {}",
                  slice.name, c10::toString(p.scalar_type()), c10::toString(g.scalar_type()));
}

/// A slice, what its rule remembers of it, and the views that a step hands to the fused call.
struct MovingSlice {
  Slice slice;
  std::vector<at::Tensor> moments;
  at::Tensor start;  ///< values before the first step; undefined where nothing is pulled there
  std::vector<RangeGroup> groups;
  int64_t step = 0;
};

RangeGroup group_of(const MovingSlice& moving, const std::vector<DecayRange>& ranges, bool decay,
                    double weight_decay) {
  RangeGroup group;
  group.weight_decay = decay ? weight_decay : 0.0;
  group.moments.resize(moving.moments.size());
  for (const DecayRange& range : ranges) {
    if (range.decay != decay) continue;
    const auto part = [&](const at::Tensor& t) {
      return t.narrow(0, range.begin, range.end - range.begin);
    };
    group.parameters.push_back(part(moving.slice.parameters));
    group.gradients.push_back(part(moving.slice.gradient));
    for (std::size_t m = 0; m < group.moments.size(); ++m)
      group.moments[m].push_back(part(moving.moments[m]));
  }
  return group;
}

MovingSlice moving_slice(Slice slice, const Rule& rule) {
  check_tensors(slice);
  check_entries(slice);
  MovingSlice moving{std::move(slice), {}, {}, {}};
  const int64_t size = moving.slice.parameters.numel();
  for (std::size_t m = 0; m < rule.moments.size(); ++m)
    moving.moments.push_back(at::zeros_like(moving.slice.parameters));
  if (moving.slice.pull != 0.0) moving.start = at::zeros_like(moving.slice.parameters);
  const auto ranges = rule.weight_decay == 0.0 ? std::vector<DecayRange>{{0, size, false}}
                                               : decay_ranges(moving.slice.entries, size);
  for (const bool decay : {true, false}) {
    RangeGroup group = group_of(moving, ranges, decay, rule.weight_decay);
    if (!group.parameters.empty()) moving.groups.push_back(std::move(group));
  }
  return moving;
}

class SliceOptimizer final : public Optimizer {
 public:
  SliceOptimizer(const OptimizerOptions& options, std::vector<Slice> slices)
      : options_(options), rule_(rule_of(options)) {
    const at::NoGradGuard no_grad;
    for (Slice& slice : slices) slices_.push_back(moving_slice(std::move(slice), rule_));
  }

  void step(double lr, double gradient_factor, const std::vector<bool>& active) override {
    ensure(active.size() == slices_.size(), "one active flag per slice");
    const at::NoGradGuard no_grad;
    for (std::size_t i = 0; i < slices_.size(); ++i)
      if (active[i]) move(slices_[i], lr, gradient_factor);
  }

  int64_t steps(std::size_t slice) const override { return slices_.at(slice).step; }

  State state() override {
    State state;
    copies_.clear();
    for (MovingSlice& moving : slices_)
      for (NamedView& view : views_of(moving)) state.tensors.push_back(std::move(view));
    return state;
  }

  void restored() override {
    for (HostCopy& copy : copies_) copy.write_back();
  }

 private:
  // The fused calls could scale gradients too, but they divide by a float32: not exact.
  void move(MovingSlice& moving, double lr, double gradient_factor) {
    if (gradient_factor != 1.0) moving.slice.gradient.mul_(gradient_factor);
    if (moving.start.defined()) pull(moving, lr * moving.slice.rate);
    ++moving.step;
    for (RangeGroup& group : moving.groups)
      rule_.update(group, lr * moving.slice.rate, moving.step);
  }

  // A slice that has not moved is where it starts.
  void pull(MovingSlice& moving, double lr) {
    const at::Tensor& parameters = moving.slice.parameters;
    if (moving.step == 0) moving.start.copy_(parameters);
    const at::Tensor way = parameters.sub(moving.start);
    if (rule_.decoupled)
      parameters.sub_(way, lr * moving.slice.pull);
    else
      moving.slice.gradient.add_(way, moving.slice.pull);
  }

  std::vector<NamedView> views_of(MovingSlice& moving) {
    std::vector<NamedView> views =
        optimizer_state_layout(options_, moving.slice.name, moving.slice.entries,
                               dtype_of(moving.slice.parameters), moving.start.defined());
    std::vector<at::Tensor> moments;
    for (const at::Tensor& moment : moving.moments)
      moments.push_back(copies_.emplace_back(moment).host());
    if (moving.start.defined()) moments.push_back(copies_.emplace_back(moving.start).host());
    auto view = views.begin();
    view++->bytes = std::as_writable_bytes(std::span(&moving.step, 1));
    for (const SliceEntry& entry : moving.slice.entries)
      for (const at::Tensor& moment : moments)
        view++->bytes =
            named_view({}, moment.narrow(0, entry.begin, entry.end - entry.begin)).bytes;
    return views;
  }

  OptimizerOptions options_;
  Rule rule_;
  std::vector<MovingSlice> slices_;  // never resized: state() hands out addresses of its counters
  std::vector<HostCopy> copies_;     // of moments, for the views of the last state()
};

}  // namespace

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options,
                                          std::vector<Slice> slices) {
  return std::make_unique<SliceOptimizer>(options, std::move(slices));
}

}  // namespace trunkline
