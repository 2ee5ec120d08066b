// The stem of a table: columns of codes become learned vectors, columns of numbers stay.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trunkline/model/stem.hpp"

namespace trunkline {

/// Rows of (columns) numbers become rows of the columns that are numbers, in their order, followed
/// by the vectors of the columns of codes. Parameters: "embeddingC.weight" for column C. forward()
/// throws DataError naming column, row and value for what is no code of its column.
/// @throws UsageError where options, shape and field do not fit
std::unique_ptr<Stem> make_table_stem(const StemOptions& options, const std::string& source,
                                      const std::vector<int64_t>& input_shape,
                                      const FieldDescription& field);

/// round(1.6 n^0.56), the rule of fast.ai's tabular models (Howard & Gugger 2020).
int64_t default_embedding_width(int64_t codes);

}  // namespace trunkline
