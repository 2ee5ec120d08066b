// The adapter of one source in front of the trunk, where inputs of sources differ in shape.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"
#include "trunkline/model/context.hpp"
#include "trunkline/model/parameter.hpp"
#include "trunkline/model/trunk.hpp"

namespace trunkline {

/// `sources.S.stem:` of the config.
struct StemOptions {
  std::string kind = "none";  ///< none | conv | a kind of trunk
  TrunkOptions network;       ///< of the kinds of trunk; conv takes its channels and activation
  std::vector<int64_t> size;  ///< conv: height and width that images are averaged to; empty: kept
  bool exists() const { return kind != "none"; }
};
void describe(Keys& keys, StemOptions& options);

/// A pure function of parameters and input. Immutable after construction; safe from several
/// threads.
class Stem {
 public:
  virtual ~Stem() = default;
  virtual const std::vector<ParameterSpec>& parameters() const = 0;
  /// @param x (n, input shape)   @return (n, output_shape())
  virtual at::Tensor forward(Parameters parameters, const at::Tensor& x,
                             const Context& context) const = 0;
  virtual const std::vector<int64_t>& output_shape() const = 0;  ///< of one row
};

/// A kind of trunk gives its features, a vector, to the shared trunk; conv gives images: 3x3
/// convolutions of stride 1, each followed by the activation, then means over pixels to `size`.
/// @param source whose inputs it reads, for names and messages   @param input_shape of one row
/// @throws UsageError where kind and shape do not fit
std::unique_ptr<Stem> make_stem(const StemOptions& options, const std::string& source,
                                const std::vector<int64_t>& input_shape);

}  // namespace trunkline
