// One named number that a run reports; undefined is null, never 0.
#pragma once

#include <optional>
#include <string>

namespace trunkline {

struct MetricValue {
  std::string name;  ///< loss, accuracy, macro_f1, roc_auc, mae, rmse, r2, …
  std::optional<double>
      value;  ///< nullopt where the metric is undefined, e.g. ROC-AUC of one class
};

}  // namespace trunkline
