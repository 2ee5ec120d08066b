#include "trunkline/model/parameter.hpp"

#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>

#include "trunkline/core/random.hpp"

namespace trunkline {
namespace {

double draw(const Init& init, uint64_t k) {
  switch (init.kind) {
    case Init::Kind::kConstant:
      return init.value;
    case Init::Kind::kUniform:
      return init.value * (2.0 * uniform(k) - 1.0);
    case Init::Kind::kNormal:
      return init.value * normal(k);
  }
  return init.value;
}

}  // namespace

void initialize(const at::Tensor& tensor, const Init& init, const std::string& full_name,
                uint64_t seed) {
  const c10::NoGradGuard no_grad;
  const at::Tensor values = at::empty(tensor.sizes(), c10::kDouble);
  auto* out = values.mutable_data_ptr<double>();
  const uint64_t parameter = key({seed, name_key(full_name)});
  for (int64_t i = 0; i < values.numel(); ++i)
    out[i] = draw(init, key({parameter, static_cast<uint64_t>(i)}));
  tensor.copy_(values);
}

}  // namespace trunkline
