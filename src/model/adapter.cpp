#include "trunkline/model/adapter.hpp"

namespace trunkline {

Adapter::Adapter(int64_t features, int64_t width, std::vector<ParameterSpec>& specs)
    : norm_{"adapter.norm", features},
      down_{"adapter.down", features, width},
      up_{"adapter.up", width, features, /*bias=*/true, Init{Init::Kind::kConstant, 0.0}} {
  norm_.declare(specs);
  down_.declare(specs);
  up_.declare(specs);
}

at::Tensor Adapter::forward(Parameters parameters, const at::Tensor& x) const {
  const at::Tensor down = down_.forward(parameters, norm_.forward(parameters, x));
  return x.add(up_.forward(parameters, activate(Activation::kRelu, down)));
}

}  // namespace trunkline
