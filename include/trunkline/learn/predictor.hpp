// A trained model inside another program: rows in, predictions out.
#pragma once

#include <ATen/core/TensorBody.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "trunkline/core/description.hpp"
#include "trunkline/model/task.hpp"

namespace trunkline {

/// A run on the CPU of one process, with the parameters that `trunkline predict` uses:
///
///   const Predictor predictor("runs/shapes");
///   const Prediction p = predictor.predict("shape", x);   // p.prediction: i64 (n)
///
/// Immutable; safe from several threads.
class Predictor {
 public:
  /// @param run a run folder; its data need not be there
  /// @param task_kinds those that it was trained with
  /// @throws UsageError where RUN is no run folder, CheckpointError where it has no sound
  /// checkpoint
  explicit Predictor(const std::filesystem::path& run,
                     const TaskKinds& task_kinds = standard_task_kinds());
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  std::vector<std::string> tasks() const;

  /// What a task reads: the input's row shape and type as the files of its source hold them.
  /// @throws UsageError for a task that the run does not have
  const FieldDescription& input(const std::string& task) const;

  /// @param x (n, row shape of input()) of any type, n may be 0: numbers as in the files; scale,
  /// bias and normalisation are applied   @return as `trunkline predict` writes it
  /// @throws UsageError for an unknown task or rows of another shape
  Prediction predict(const std::string& task, const at::Tensor& x) const;

 private:
  struct Loaded;
  std::unique_ptr<Loaded> loaded_;
};

}  // namespace trunkline
