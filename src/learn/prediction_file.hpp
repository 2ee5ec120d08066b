// The HDF5 file that `predict` writes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "trunkline/core/description.hpp"
#include "trunkline/h5/writer.hpp"
#include "trunkline/model/task.hpp"

namespace trunkline {

/// Data sets row (i64), prediction and what else a prediction holds (kPredictionFields); class
/// names, units and the levels of quantiles as attributes. Whole or absent: without finish()
/// nothing is left.
class PredictionFile {
 public:
  PredictionFile(const std::string& path, bool force, int64_t rows, FieldDescription target,
                 std::vector<double> levels, std::shared_ptr<IoThread> io);

  /// @param rows i64 (n)   @param values of these rows
  void append(const at::Tensor& rows, const Prediction& values);
  void finish();

 private:
  void create_all(const at::Tensor& rows, const Prediction& values);
  h5::DatasetWriter& create(const std::string& name, const at::Tensor& like);

  h5::Writer writer_;
  int64_t rows_;
  FieldDescription target_;
  std::vector<double> levels_;
  h5::DatasetWriter* row_ = nullptr;
  std::array<h5::DatasetWriter*, kPredictionFields.size()> fields_ = {};
};

/// The first n rows for people and programs: [{"row": 0, "prediction": 2, "probability": [...]}].
nlohmann::json first_rows(const at::Tensor& rows, const Prediction& values, int64_t n);

}  // namespace trunkline
