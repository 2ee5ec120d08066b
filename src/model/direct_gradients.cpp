#define TRUNKLINE_WHOLE_ATEN  // for autograd/function.h
#include "trunkline/model/direct_gradients.hpp"

#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace trunkline {
namespace {

thread_local DirectGradients* current_of_thread = nullptr;

auto place_of(std::vector<at::Tensor>& weights, const at::Tensor& weight) {
  return std::find_if(weights.begin(), weights.end(),
                      [&](const at::Tensor& other) { return other.is_same(weight); });
}

at::Tensor rows(const at::Tensor& x) { return x.reshape({-1, x.size(-1)}); }

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// The weight's gradient is returned as undefined: it has been written already.
struct DirectLinear : torch::autograd::Function<DirectLinear> {
  static Variable forward(AutogradContext* context, const Variable& x, const Variable& weight,
                          const Variable& bias, DirectGradients* direct) {
    context->save_for_backward({x, weight});
    context->saved_data["direct"] = reinterpret_cast<int64_t>(direct);  // no other type fits there
    return at::linear(x, weight, bias);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Variable &x = saved[0], &weight = saved[1];
    const at::Tensor outputs = rows(gradients[0]);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): saved data hold no pointers
    reinterpret_cast<DirectGradients*>(context->saved_data["direct"].toInt())
        ->add_product(weight, outputs, rows(x));
    at::Tensor inputs;
    if (context->needs_input_grad(0)) inputs = outputs.mm(weight).view_as(x);
    return {inputs, {}, outputs.sum(0), {}};
  }
};

bool can_be_direct(const at::Tensor& x, const at::Tensor& weight) {
  return at::GradMode::is_enabled() && weight.requires_grad() && weight.is_leaf() &&
         weight.grad().defined() && x.scalar_type() == weight.scalar_type() &&
         !at::autocast::is_autocast_enabled(weight.device().type());
}

}  // namespace

DirectGradients::DirectGradients() : former_(current_of_thread) { current_of_thread = this; }
DirectGradients::~DirectGradients() { current_of_thread = former_; }
DirectGradients* DirectGradients::current() { return current_of_thread; }

void DirectGradients::expect(const at::Tensor& weight) {
  if (!cleared_ && !replaces(weight)) old_.push_back(weight);
}

bool DirectGradients::replaces(const at::Tensor& parameter) const {
  return std::any_of(old_.begin(), old_.end(),
                     [&](const at::Tensor& weight) { return weight.is_same(parameter); });
}

void DirectGradients::add_product(const at::Tensor& weight, const at::Tensor& left,
                                  const at::Tensor& right) {
  at::Tensor gradient = weight.grad();
  const auto old = place_of(old_, weight);
  if (old == old_.end()) {
    gradient.addmm_(left.t(), right);
    return;
  }
  at::mm_out(gradient, left.t(), right);
  old_.erase(old);
}

void DirectGradients::finish() {
  for (const at::Tensor& weight : old_) weight.grad().zero_();
  old_.clear();
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  DirectGradients* direct = DirectGradients::current();
  if (direct == nullptr || !bias.defined() || !can_be_direct(x, weight))
    return at::linear(x, weight, bias);
  direct->expect(weight);
  return DirectLinear::apply(x, weight, bias, direct);
}

}  // namespace trunkline
