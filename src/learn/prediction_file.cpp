#include "prediction_file.hpp"

#include "trunkline/core/error.hpp"
#include "trunkline/core/tensor.hpp"

namespace trunkline {
namespace {

template <class T>
std::span<const T> values_of(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<T>(), static_cast<std::size_t>(tensor.numel())};
}

void append_tensor(h5::DatasetWriter& dataset, const at::Tensor& tensor) {
  const at::Tensor dense = tensor.contiguous();
  switch (dtype_of(dense)) {
    case DType::kU8:
      return dataset.append(values_of<uint8_t>(dense));
    case DType::kI64:
      return dataset.append(values_of<int64_t>(dense));
    case DType::kF32:
      return dataset.append(values_of<float>(dense));
    case DType::kF64:
      return dataset.append(values_of<double>(dense));
    default:
      throw BugError("predictions are u8, i64, f32 or f64");
  }
}

template <class T>
nlohmann::json row_of(const at::Tensor& tensor, int64_t row) {
  const at::Tensor values = tensor.select(0, row).contiguous();
  const T* first = values.const_data_ptr<T>();
  if (values.dim() == 0) return *first;
  return std::vector<T>(first, first + values.numel());
}

nlohmann::json row_to_json(const at::Tensor& tensor, int64_t row) {
  switch (dtype_of(tensor)) {
    case DType::kU8:
      return row_of<uint8_t>(tensor, row);
    case DType::kI64:
      return row_of<int64_t>(tensor, row);
    case DType::kF32:
      return row_of<float>(tensor, row);
    default:
      return row_of<double>(tensor, row);
  }
}

}  // namespace

PredictionFile::PredictionFile(const std::string& path, bool force, int64_t rows,
                               FieldDescription target, std::vector<double> levels,
                               std::shared_ptr<IoThread> io)
    : writer_(path, force, std::move(io)),
      rows_(rows),
      target_(std::move(target)),
      levels_(std::move(levels)) {}

h5::DatasetWriter& PredictionFile::create(const std::string& name, const at::Tensor& like) {
  h5::DatasetLayout layout;
  layout.name = name;
  layout.dtype = dtype_of(like);
  layout.rows = rows_;
  layout.row_shape.assign(like.sizes().begin() + 1, like.sizes().end());
  return writer_.create(layout);
}

void PredictionFile::create_all(const at::Tensor& rows, const Prediction& values) {
  row_ = &create("row", rows);
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const at::Tensor& field = values.*kPredictionFields[f].values;
    if (field.defined()) fields_[f] = &create(kPredictionFields[f].name, field);
    if (fields_[f] != nullptr && kPredictionFields[f].values == &Prediction::quantiles)
      fields_[f]->attribute("levels", levels_);
  }
  if (!target_.class_names.empty()) fields_[0]->attribute("class_names", target_.class_names);
  if (!target_.units.empty()) fields_[0]->attribute("units", target_.units);
}

void PredictionFile::append(const at::Tensor& rows, const Prediction& values) {
  if (row_ == nullptr) create_all(rows, values);
  append_tensor(*row_, rows);
  for (std::size_t f = 0; f < fields_.size(); ++f)
    if (fields_[f] != nullptr) append_tensor(*fields_[f], values.*kPredictionFields[f].values);
}

void PredictionFile::finish() { writer_.finish(); }

nlohmann::json first_rows(const at::Tensor& rows, const Prediction& values, int64_t n) {
  nlohmann::json list = nlohmann::json::array();
  for (int64_t i = 0; i < std::min(n, rows.size(0)); ++i) {
    nlohmann::json& row = list.emplace_back();
    row["row"] = row_to_json(rows, i);
    for (const PredictionField& field : kPredictionFields)
      if (const at::Tensor& v = values.*field.values; v.defined())
        row[field.name] = row_to_json(v, i);
  }
  return list;
}

}  // namespace trunkline
