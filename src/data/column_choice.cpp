#include "column_choice.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/core/tensor.hpp"

namespace trunkline {

std::vector<std::size_t> choose_columns(const RowGroups& rows,
                                        const std::vector<std::string>& fields) {
  const std::vector<Column>& columns = rows.columns();
  std::vector<bool> chosen(columns.size(), fields.empty());
  for (const std::string& field : fields) {
    bool known = false;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string& name = columns[c].name;
      known = known || name == field;
      if (name == field || name == field + "_valid" || name == field + "_weight") chosen[c] = true;
    }
    check<DataError>(known, "field {} was not named when the source was opened", field);
  }
  std::vector<std::size_t> indices;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (chosen[c]) indices.push_back(c);
  return indices;
}

at::Tensor column_tensor(const Column& column, int64_t rows) {
  std::vector<int64_t> sizes = {rows};
  sizes.insert(sizes.end(), column.shape.begin(), column.shape.end());
  return at::empty(sizes, at::TensorOptions(scalar_type(column.dtype)));
}

Batch empty_batch(const std::string& source, int64_t epoch, const RowGroups& rows,
                  const std::vector<std::size_t>& columns, int64_t count) {
  Batch batch{source, epoch, at::empty({count}, at::kLong), at::empty({count}, at::kLong), {}};
  for (const std::size_t c : columns)
    batch.fields[rows.columns()[c].name] = column_tensor(rows.columns()[c], count);
  return batch;
}

}  // namespace trunkline
