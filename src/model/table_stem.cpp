#include "table_stem.hpp"

#include <ATen/core/IListRef.h>
#include <ATen/core/IListRef_inl.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>

#include "trunkline/core/error.hpp"
#include "trunkline/model/layers.hpp"
#include "trunkline/model/to_vector.hpp"

namespace trunkline {
namespace {

// A column of codes.
struct Coded {
  int64_t column = 0;
  std::string name;  // for messages
  Embedding embedding;
};

class TableStem final : public Stem {
 public:
  TableStem(const std::string& source, const FieldDescription& field,
            const std::vector<int64_t>& codes, const std::vector<int64_t>& widths)
      : source_(source), field_(field.name) {
    std::vector<int64_t> numbers;
    for (std::size_t c = 0; c < codes.size(); ++c) {
      if (codes[c] == 0) {
        numbers.push_back(static_cast<int64_t>(c));
        continue;
      }
      const std::string number = std::to_string(c);
      const bool named = c < field.columns.size();
      coded_.push_back({static_cast<int64_t>(c),
                        named ? field.columns[c] : number,
                        {"embedding" + number, codes[c], widths[coded_.size()]}});
      coded_.back().embedding.declare(specs_);
    }
    numbers_ = at::tensor(numbers, c10::kLong);
    shape_ = {numbers_.numel()};
    for (const Coded& coded : coded_) shape_[0] += coded.embedding.width;
  }

  const std::vector<ParameterSpec>& parameters() const override { return specs_; }
  const std::vector<int64_t>& output_shape() const override { return shape_; }

  at::Tensor forward(Parameters parameters, const at::Tensor& x,
                     const Context& context) const override {
    std::vector<at::Tensor> parts;
    if (numbers_.numel() > 0) parts.push_back(x.index_select(1, numbers_.to(x.device())));
    for (const Coded& coded : coded_) {
      const at::Tensor values = x.select(1, coded.column);
      check_codes(values, coded, context);
      parts.push_back(coded.embedding.forward(parameters, values.to(c10::kLong)));
    }
    return at::cat(parts, 1);
  }

 private:
  // Here, because every row passes: the embedding itself would read beside its table on a GPU.
  void check_codes(const at::Tensor& values, const Coded& coded, const Context& context) const {
    const at::Tensor bad = values.ne(values.round())
                               .logical_or(values.lt(0))
                               .logical_or(values.ge(coded.embedding.codes));
    if (!bad.any().item<bool>()) return;
    const int64_t at = bad.nonzero()[0].item<int64_t>();
    throw DataError(fmt::format(
        "source {}: {}: column {}, row {}: {} is no code of 0 to {}; convert the table with the "
        "codes of the training file (--like), or mend sources.{}.stem.codes",
        source_, field_, coded.name, sample(context, at), values[at].item<double>(),
        coded.embedding.codes - 1, source_));
  }

  // The file's number of a row of the batch.
  static int64_t sample(const Context& context, int64_t row) {
    for (const SourceRows& rows : context.rows) {
      if (row < rows.samples.numel()) return rows.samples[row].item<int64_t>();
      row -= rows.samples.numel();
    }
    return row;
  }

  std::string source_, field_;
  at::Tensor numbers_;  // columns of numbers; made here, so that a trace knows them as a constant
  std::vector<Coded> coded_;
  std::vector<int64_t> shape_;
  std::vector<ParameterSpec> specs_;
};

// One width per column of codes.
std::vector<int64_t> embedding_widths(const std::vector<int64_t>& codes,
                                      const std::vector<int64_t>& given, const std::string& key) {
  std::vector<int64_t> widths;
  for (const int64_t n : codes)
    if (n > 0) widths.push_back(default_embedding_width(n));
  if (given.size() == 1) std::ranges::fill(widths, given[0]);
  if (given.size() < 2) return widths;
  check<UsageError>(
      given.size() == widths.size(),
      "{}.embedding: {} widths, but {} columns have codes; give one width, or one for "
      "each",
      key, given.size(), widths.size());
  return given;
}

}  // namespace

int64_t default_embedding_width(int64_t codes) {
  return std::llround(1.6 * std::pow(static_cast<double>(codes), 0.56));
}

std::vector<int64_t> table_codes(const StemOptions& options, const FieldDescription& field) {
  if (options.kind != "table") return {};
  return options.codes.empty() ? field.codes : options.codes;
}

std::unique_ptr<Stem> make_table_stem(const StemOptions& options, const std::string& source,
                                      const std::vector<int64_t>& input_shape,
                                      const FieldDescription& field) {
  const std::string key = "sources." + source + ".stem";
  const std::vector<int64_t> codes = table_codes(options, field);
  check<UsageError>(input_shape.size() == 1, "{}.kind: a table has rows of one axis, but {} has {}",
                    key, field.name, input_shape.size());
  check<UsageError>(!codes.empty(),
                    "{}.kind: table, but {} does not say which columns are codes; convert with "
                    "--text codes, or give {}.codes",
                    key, field.name, key);
  check<UsageError>(static_cast<int64_t>(codes.size()) == input_shape[0],
                    "{}.codes: {} numbers, but rows have {} columns; give one for each, 0 for a "
                    "column of numbers",
                    key, codes.size(), input_shape[0]);
  check<UsageError>(std::ranges::any_of(codes, [](int64_t n) { return n > 0; }),
                    "{}.kind: table, but no column has codes; take kind: none", key);
  return std::make_unique<TableStem>(source, field, codes,
                                     embedding_widths(codes, options.embedding, key));
}

}  // namespace trunkline
