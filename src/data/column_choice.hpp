// The columns that a loader delivers, and tensors to hold them.
#pragma once

#include <ATen/core/TensorBody.h>

#include <string>
#include <vector>

#include "trunkline/core/batch.hpp"
#include "trunkline/data/row_groups.hpp"

namespace trunkline {

/// Indices of the columns of the named fields and of their companions; no names: of all fields.
/// @throws DataError for a field that the source does not deliver
std::vector<std::size_t> choose_columns(const RowGroups& rows,
                                        const std::vector<std::string>& fields);

/// An uninitialised tensor for some rows of a column: (rows, row shape…).
at::Tensor column_tensor(const Column& column, int64_t rows);

/// A batch whose tensors wait to be filled.
Batch empty_batch(const std::string& source, int64_t epoch, const RowGroups& rows,
                  const std::vector<std::size_t>& columns, int64_t count);

}  // namespace trunkline
