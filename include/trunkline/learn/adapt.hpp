// Few-shot adaptation: a trained model takes some gradient steps on labelled rows, and predicts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "trunkline/learn/predict.hpp"

namespace trunkline {

struct AdaptRequest : PredictRequest {  ///< task: empty: the only few_shot one, or the only one
  std::string support;                  ///< FILE or FILE#/GROUP with inputs and the task's target
  std::optional<int64_t> steps;         ///< absent: those of the run's episodes
  std::optional<double> rate;           ///< likewise
  bool head_only = false;               ///< also where the run's algorithm adapts all
};

struct AdaptSummary : PredictSummary {
  int64_t support_rows = 0, steps = 0;
  double rate = 0.0, loss_before = 0.0, loss_after = 0.0;  ///< mean losses of the support
};

/// As predict(), after the inner loop of meta-learning on all rows of the support, which are held
/// in memory. The run is only read. The classes of a few_shot task are those of the support: at
/// most as many as the head has ways. Collective. @throws AgreedError, or DataError of one rank
AdaptSummary adapt(AdaptRequest request, Ranks& ranks, const std::shared_ptr<IoThread>& io,
                   const Logger& logger);

}  // namespace trunkline
