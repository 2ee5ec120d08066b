#include "token_embedding.hpp"

#include <ATen/ops/ones.h>

#include <cmath>

#include "trunkline/core/error.hpp"
#include "trunkline/model/image_shape.hpp"

namespace trunkline {
namespace {

constexpr int64_t kMostTokens = int64_t{1} << 24;  // inputs come as float32, whole up to here

// The row's number in its source, or in the batch where nobody said.
int64_t sample_of(const Context& context, int64_t row) {
  int64_t first = 0;
  for (const SourceRows& rows : context.rows) {
    if (row < first + rows.samples.numel()) return rows.samples[row - first].item<int64_t>();
    first += rows.samples.numel();
  }
  return row;
}

}  // namespace

TokenEmbedding::TokenEmbedding(const TransformerOptions& o, const std::string& key)
    : key_(key),
      padding_(o.padding.value_or(0)),
      unknown_(o.unknown),
      rare_(o.word_dropout_from),
      table_{"embedding", o.vocabulary.value_or(0), o.width,
             1.0 / std::sqrt(static_cast<double>(o.width))},
      word_dropout_{key + ".word_dropout", o.word_dropout} {
  const int64_t last = table_.codes - 1;
  check<UsageError>(last >= 1 && last < kMostTokens, "{}.vocabulary: {} is not from 2 to {}", key,
                    table_.codes, kMostTokens);
  check<UsageError>(o.word_dropout == 0.0 || (unknown_ >= 0 && unknown_ <= last),
                    "{}.unknown: {} is no token; they go from 0 to {}", key, unknown_, last);
  check_dropout(o.word_dropout, key + ".word_dropout");
}

at::Tensor TokenEmbedding::ids(const at::Tensor& x, const Context& context) const {
  at::Tensor ids = x.to(c10::kLong);
  const at::Tensor bad = ids.lt(0).logical_or(ids.ge(table_.codes));
  if (!bad.any().item<bool>()) return ids;
  const at::Tensor first = bad.nonzero()[0];
  const auto row = first[0].item<int64_t>(), column = first[1].item<int64_t>();
  throw DataError(fmt::format(
      "{}.vocabulary: token {} at row {}, column {}; tokens go from 0 to {}; raise the key or mend "
      "the file",
      key_, ids[row][column].item<int64_t>(), sample_of(context, row), column, table_.codes - 1));
}

// Reads some tokens as unknown, so that its vector learns what stands in their place.
at::Tensor TokenEmbedding::forget(const at::Tensor& ids, const at::Tensor& mask,
                                  const Context& context) const {
  if (!context.training || word_dropout_.p == 0.0) return ids;
  const at::Tensor kept =
      word_dropout_.forward(at::ones(ids.sizes(), ids.options().dtype(c10::kFloat)), context);
  return ids.masked_fill(kept.eq(0).logical_and(mask).logical_and(ids.ge(rare_)), unknown_);
}

at::Tensor TokenEmbedding::forward(Parameters parameters, const at::Tensor& ids,
                                   const at::Tensor& mask, const Context& context) const {
  return table_.forward(parameters, forget(ids, mask, context));
}

PatchEmbedding::PatchEmbedding(const TransformerOptions& o, const std::vector<int64_t>& input_shape,
                               const std::string& key) {
  const ImageShape image = image_shape(input_shape, key, "transformer");
  check<UsageError>(o.patch >= 1 && image.height % o.patch == 0 && image.width % o.patch == 0,
                    "{}.patch: squares of {} pixels do not fill images of {}x{}", key, o.patch,
                    image.height, image.width);
  patches_ = {"patches", image.channels, o.width, o.patch, /*padding=*/0, /*stride=*/o.patch};
  length_ = (image.height / o.patch) * (image.width / o.patch);
}

at::Tensor PatchEmbedding::forward(Parameters parameters, const at::Tensor& x) const {
  return patches_.forward(parameters, with_channels(x)).flatten(2).transpose(1, 2);
}

}  // namespace trunkline
