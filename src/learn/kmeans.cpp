#include "trunkline/learn/kmeans.hpp"

#include <ATen/core/IListRef.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <limits>

#include "spread_rows.hpp"
#include "trunkline/core/random.hpp"

namespace trunkline {
namespace {

constexpr double kStillMoving = 1e-4;  // share of rows that change cluster
constexpr double kBetter = 1e-6;       // by which a later restart must be better

// Of independent exponential times with rates w_i the first is i with probability w_i / sum of w:
// the score is the logarithm of the inverse time.
at::Tensor race(const SpreadRows& rows, const at::Tensor& weights, uint64_t k) {
  at::Tensor scores = at::empty({rows.size()}, at::kDouble);
  const double* weight = weights.const_data_ptr<double>();
  double* score = scores.data_ptr<double>();
  for (int64_t i = 0; i < rows.size(); ++i)
    score[i] = std::log(weight[i]) - std::log(-std::log(uniform(key({k, rows.sample(i)}))));
  return scores;
}

// k-means++: each centre is a row, drawn in proportion to its squared distance to those before.
at::Tensor first_centres(const SpreadRows& rows, int64_t clusters, uint64_t k) {
  std::vector<at::Tensor> centres;
  constexpr double kFar = std::numeric_limits<double>::infinity();
  at::Tensor distances = at::full({rows.size()}, kFar, at::kDouble);
  at::Tensor weights = at::full({rows.size()}, 1.0, at::kDouble);
  while (static_cast<int64_t>(centres.size()) < clusters) {
    const at::Tensor scores = race(rows, weights, key({k, centres.size()}));
    const at::Tensor centre = rows.winner(scores).row;
    centres.push_back(centre);
    rows.for_blocks([&](int64_t begin, const at::Tensor& z) {
      const at::Tensor nearest = distances.narrow(0, begin, z.size(0));
      nearest.copy_(nearest.minimum(z.sub(centre).square().sum(1)));
    });
    weights = distances;
  }
  return at::stack(centres);
}

// Which centre is nearest to each row, and what the rows of a centre add up to.
class Lloyd {
 public:
  Lloyd(const SpreadRows& rows, at::Tensor centres)
      : rows_(rows),
        centres_(std::move(centres)),
        labels_(at::full({rows.size()}, -1, at::kLong)),
        distances_(at::zeros({rows.size()}, at::kDouble)) {}

  /// @return rounds done
  int64_t run(int64_t most) {
    const double few = kStillMoving * static_cast<double>(rows_.total());
    for (int64_t round = 1;; ++round) {
      const double changed = assign();
      if (round == most || (changed <= few && !has_empty())) return round;
      if (!move()) return round;
    }
  }

  const at::Tensor& centres() const { return centres_; }
  double inertia() const { return inertia_; }

 private:
  // One sum over ranks: k rows of sums with their counts, then inertia and changed labels.
  double assign() {
    const int64_t k = centres_.size(0), d = centres_.size(1);
    at::Tensor all = at::zeros({k * (d + 1) + 2}, at::kDouble);
    const at::Tensor sums = all.narrow(0, 0, k * d).view({k, d});
    const at::Tensor counts = all.narrow(0, k * d, k), tail = all.narrow(0, k * (d + 1), 2);
    const at::Tensor turned = centres_.t().mul(-2.0), norms = centres_.square().sum(1);
    rows_.for_blocks([&](int64_t begin, const at::Tensor& z) {
      const auto [nearest, label] = z.mm(turned).add_(norms).min(1);
      const at::Tensor distance = nearest.add(z.square().sum(1)).clamp_min(0.0);
      const at::Tensor before = labels_.narrow(0, begin, z.size(0));
      sums.index_add_(0, label, z);
      counts.add_(label.bincount({}, k).to(at::kDouble));
      tail[0].add_(distance.sum());
      tail[1].add_(before.ne(label).sum());
      before.copy_(label);
      distances_.narrow(0, begin, z.size(0)).copy_(distance);
    });
    rows_.sum(all);
    sums_ = sums;
    counts_ = counts;
    inertia_ = tail[0].item<double>();
    return tail[1].item<double>();
  }

  bool has_empty() const { return counts_.eq(0).any().item<bool>(); }

  // Centres to the means of their rows, empty ones to the farthest rows. @return whether any is
  // another one than before
  bool move() {
    const at::Tensor before = centres_;
    centres_ = sums_.div(counts_.clamp_min(1.0).unsqueeze(1));
    for (int64_t j = 0; j < centres_.size(0); ++j) {
      if (counts_[j].item<double>() > 0.0) continue;
      const SpreadRows::Winner farthest = rows_.winner(distances_);
      centres_[j].copy_(farthest.score > 0.0 ? farthest.row : before[j]);
      if (farthest.own >= 0) distances_[farthest.own].fill_(0.0);
    }
    return !centres_.equal(before);
  }

  const SpreadRows& rows_;
  at::Tensor centres_, labels_, distances_, sums_, counts_;
  double inertia_ = 0.0;
};

}  // namespace

Kmeans kmeans(const KmeansRows& given, const KmeansOptions& options, Ranks& ranks) {
  const at::NoGradGuard no_grad;
  const SpreadRows rows(given, ranks);
  Kmeans best;
  best.inertia = std::numeric_limits<double>::quiet_NaN();
  if (!rows.mean().isfinite().all().item<bool>()) return best;
  for (int64_t restart = 0; restart < options.restarts; ++restart) {
    const uint64_t k = key({options.seed, static_cast<uint64_t>(restart)});
    Lloyd lloyd(rows, first_centres(rows, options.clusters, k));
    const int64_t rounds = lloyd.run(options.rounds);
    if (restart > 0 && lloyd.inertia() >= best.inertia * (1.0 - kBetter)) continue;
    best = {lloyd.centres().add(rows.mean()), lloyd.inertia(), restart, rounds};
  }
  return best;
}

}  // namespace trunkline
