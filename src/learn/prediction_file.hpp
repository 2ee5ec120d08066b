// The HDF5 file that `predict` writes.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "trunkline/core/description.hpp"
#include "trunkline/h5/writer.hpp"
#include "trunkline/model/task.hpp"

namespace trunkline {

/// Data sets row (i64), prediction and, where there are classes, probability; class names and units
/// as attributes. Whole or absent: without finish() nothing is left.
class PredictionFile {
 public:
  PredictionFile(const std::string& path, bool force, int64_t rows, FieldDescription target,
                 std::shared_ptr<IoThread> io);

  /// @param rows i64 (n)   @param values of these rows
  void append(const at::Tensor& rows, const Prediction& values);
  void finish();

 private:
  h5::DatasetWriter& create(const std::string& name, const at::Tensor& like);

  h5::Writer writer_;
  int64_t rows_;
  FieldDescription target_;
  h5::DatasetWriter* row_ = nullptr;
  h5::DatasetWriter* prediction_ = nullptr;
  h5::DatasetWriter* probability_ = nullptr;
};

/// The first n rows for people and programs: [{"row": 0, "prediction": 2, "probability": [...]}].
nlohmann::json first_rows(const at::Tensor& rows, const Prediction& values, int64_t n);

}  // namespace trunkline
