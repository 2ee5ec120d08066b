#include <functional>
#include <numeric>

#include "trunkline/model/trunk_kinds.hpp"

namespace trunkline {
namespace {

class Identity final : public Trunk {
 public:
  explicit Identity(const std::vector<int64_t>& input_shape)
      : shape_{std::accumulate(input_shape.begin(), input_shape.end(), int64_t{1},
                               std::multiplies<>()),
               {},
               input_shape} {}

  const std::vector<ParameterSpec>& parameters() const override { return specs_; }
  const TrunkShape& shape() const override { return shape_; }

  TrunkOutput forward(Parameters, const at::Tensor& x, const Context&) const override {
    return {x.reshape({-1, shape_.width}), {}, x};
  }

 private:
  TrunkShape shape_;
  std::vector<ParameterSpec> specs_;
};

}  // namespace

std::unique_ptr<Trunk> make_identity(const TrunkOptions&, const std::vector<int64_t>& input_shape,
                                     const std::string&) {
  return std::make_unique<Identity>(input_shape);
}

}  // namespace trunkline
