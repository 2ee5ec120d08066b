// The first stage of a transformer: what a row consists of, as vectors.
#pragma once

#include <ATen/core/TensorBody.h>

#include <optional>
#include <string>
#include <vector>

#include "trunkline/model/context.hpp"
#include "trunkline/model/dropout.hpp"
#include "trunkline/model/layers.hpp"
#include "trunkline/model/trunk.hpp"

namespace trunkline {

/// Integers to vectors. Immutable; safe from several threads.
class TokenEmbedding {
 public:
  /// @pre options.vocabulary is set   @throws UsageError for tokens outside the vocabulary
  TokenEmbedding(const TransformerOptions& options, const std::string& key);

  void declare(std::vector<ParameterSpec>& specs) { table_.declare(specs); }

  /// @param x (n, length), whole numbers of any type   @return i64 (n, length)
  /// @throws DataError naming row and token for one outside the vocabulary
  at::Tensor ids(const at::Tensor& x, const Context& context) const;
  /// bool (n, length): where no padding stands.
  at::Tensor mask(const at::Tensor& ids) const { return ids.ne(padding_); }
  /// @return (n, length, width)
  at::Tensor forward(Parameters parameters, const at::Tensor& ids, const at::Tensor& mask,
                     const Context& context) const;

 private:
  at::Tensor forget(const at::Tensor& ids, const at::Tensor& mask, const Context& context) const;

  std::string key_;
  int64_t padding_, unknown_, rare_;
  Embedding table_;
  Dropout word_dropout_;
};

/// Images to vectors: one linear map of each square of patch x patch pixels, row by row.
class PatchEmbedding {
 public:
  /// @param input_shape of one image   @throws UsageError where patches do not fill it
  PatchEmbedding(const TransformerOptions& options, const std::vector<int64_t>& input_shape,
                 const std::string& key);

  void declare(std::vector<ParameterSpec>& specs) { patches_.declare(specs); }
  int64_t length() const { return length_; }  ///< patches of an image
  /// @param x (n, channels, h, w) or (n, h, w)   @return (n, length, width)
  at::Tensor forward(Parameters parameters, const at::Tensor& x) const;

 private:
  Conv2d patches_;
  int64_t length_ = 0;
};

}  // namespace trunkline
