// The keys of a task that say how its errors are counted.
#pragma once

#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"

namespace trunkline {

/// Part of `tasks.T:` of the config.
struct LossOptions {
  std::string kind;  ///< empty: the default of the task's kind
  double focal_gamma = 2.0;
  double huber_delta = 1.0;                ///< in the scale of the loss
  std::vector<double> quantiles;           ///< of (0, 1), ascending
  double label_smoothing = 0.0;            ///< of [0, 1)
  std::vector<std::string> class_weights;  ///< numbers as text, the one word "balanced", or empty
  bool standardize = false;
};

/// The keys lie beside the task's other keys. @param task_kind empty where the config leaves it to
/// the file; then the keys of every kind are known
void describe(Keys& keys, LossOptions& options, const std::string& task_kind);

/// What the config could not know yet. @param task_kind as found in the file
/// @throws UsageError for a key that belongs to another kind of task
void check_loss_options(const std::string& task, const LossOptions& options,
                        const std::string& task_kind);

/// Whether the class weights come from the training labels.
bool balances_classes(const LossOptions& options);

/// Whether the loss depends on statistics of the training labels.
bool needs_label_statistics(const LossOptions& options);

/// @throws UsageError for an entry that is not a positive number. @pre not balanced
std::vector<double> class_weight_numbers(const std::string& task, const LossOptions& options);

}  // namespace trunkline
