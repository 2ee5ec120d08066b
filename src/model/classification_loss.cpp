#include "classification_loss.hpp"

#include <ATen/core/Reduction.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/tensor.h>

#include "trunkline/model/losses.hpp"

namespace trunkline {
namespace {

constexpr int64_t kIgnoreNone = -100;  // no class has this number

}  // namespace

ClassificationLoss::ClassificationLoss(const LossOptions& options,
                                       const std::vector<double>& class_factors)
    : focal_(options.kind == "focal"),
      gamma_(options.focal_gamma),
      smoothing_(options.label_smoothing) {
  if (!class_factors.empty())
    factors_ = at::tensor(class_factors, c10::TensorOptions(c10::kDouble));
}

at::Tensor ClassificationLoss::elements(const at::Tensor& output, const at::Tensor& labels) const {
  if (focal_) {
    const at::Tensor loss = focal_loss(output, labels, gamma_);
    return factors_.defined() ? loss.mul(factors_.to(loss.options()).index_select(0, labels))
                              : loss;
  }
  std::optional<at::Tensor> factors;
  if (factors_.defined()) factors = factors_.to(output.options());
  return at::cross_entropy_loss(output, labels, factors, at::Reduction::None, kIgnoreNone,
                                smoothing_);
}

at::Tensor ClassificationLoss::sum(const at::Tensor& output, const Target& target) const {
  return weighted_sum(elements(output, target.values), target);
}

Task::Count ClassificationLoss::count(const Target& target) const {
  Task::Count count = count_elements(target);
  if (factors_.defined())
    count.weight = element_weight(target)
                       .mul(factors_.to(target.weight.device()).index_select(0, target.values))
                       .sum()
                       .item<double>();
  return count;
}

}  // namespace trunkline
