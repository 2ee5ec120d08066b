// Predictions of one task for every row of a file, streamed, in the order of the file, on any
// number of ranks.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "trunkline/h5/io_thread.hpp"
#include "trunkline/learn/trained_run.hpp"

namespace trunkline {

/// What is done to a model before it predicts. Every rank does the same.
class ModelChange {
 public:
  virtual ~ModelChange() = default;
  /// Reads what it needs, before anything is written. No collectives. @return what is predicted
  virtual FieldDescription open(const TrainedRun& run, std::size_t task,
                                const std::shared_ptr<IoThread>& io) = 0;
  /// Moves parameters. No collectives.
  virtual void apply(MultiTaskModel& model) = 0;
  virtual Prediction change(const Prediction& prediction) const = 0;
};

struct PredictRequest {
  std::filesystem::path run;
  std::string task;   ///< empty: the only one of the run
  std::string input;  ///< FILE or FILE#/GROUP
  /// HDF5: data sets row, prediction and, for classes, probability
  std::string output = "predictions.h5";
  std::optional<std::string> split;  ///< needed where the input has several splits
  bool force = false;
  TaskKinds task_kinds = standard_task_kinds();  ///< those that the run was trained with
  ModelChange* change = nullptr;                 ///< null: the model as it is
};

struct PredictSummary {
  std::string task;
  int64_t rows = 0, step = 0;
  double seconds = 0.0;
  std::vector<std::string> class_names;
  nlohmann::json head;  ///< the first rows, for people: [{"row", "prediction", "probability"}]
};

/// Collective. Rank 0 writes; memory is bounded by a batch. @throws AgreedError, or DataError of
/// one rank
PredictSummary predict(const PredictRequest& request, Ranks& ranks,
                       const std::shared_ptr<IoThread>& io, const Logger& logger);

}  // namespace trunkline
