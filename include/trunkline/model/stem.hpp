// The adapter of one source in front of the trunk, where inputs of sources differ in shape.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trunkline/core/description.hpp"
#include "trunkline/core/keys.hpp"
#include "trunkline/model/context.hpp"
#include "trunkline/model/parameter.hpp"
#include "trunkline/model/trunk.hpp"

namespace trunkline {

/// `sources.S.stem:` of the config.
struct StemOptions {
  std::string kind = "none";   ///< none | conv | table | a kind of trunk without experts
  TrunkOptions network;        ///< of the kinds of trunk; conv takes its channels and activation
  std::vector<int64_t> size;   ///< conv: height and width that images are averaged to; empty: kept
  std::vector<int64_t> codes;  ///< table: codes of each column, 0 for a number; empty: the file's
  std::vector<int64_t> embedding;  ///< table: width for all columns of codes, or of each of them
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
/// convolutions of stride 1, each followed by the activation, then means over pixels to `size`;
/// table gives the columns that are numbers, then a learned vector per column of codes.
/// @param source whose inputs it reads, for names and messages   @param input_shape of one row
/// @param field what the file says of them; a table needs it unless `options.codes` are given
/// @throws UsageError where kind and shape do not fit
std::unique_ptr<Stem> make_stem(const StemOptions& options, const std::string& source,
                                const std::vector<int64_t>& input_shape,
                                const FieldDescription& field = {});

/// How many codes each column of a table has, 0 for a number: what the config says, else the file.
/// Empty where the stem is no table.
std::vector<int64_t> table_codes(const StemOptions& options, const FieldDescription& field);

}  // namespace trunkline
