// Which training rows give their labels to a task: all of them, or as few as `tasks.T.labels` says.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/core/log.hpp"
#include "trunkline/model/task.hpp"
#include "trunkline/train/sources.hpp"

namespace trunkline {

/// The labelled rows with the smallest keys of (seed, source, sample): the same on every rank, and
/// fewer labels are a part of more. Tasks of one source that ask for as many share their rows where
/// all are labelled.
struct LabelChoice {
  bool all = true;
  uint64_t seed = 0, source = 0;  ///< run.seed; name_key of the source
  uint64_t last_key = 0;          ///< of the chosen rows
  int64_t chosen = 0, labelled = 0;

  bool contains(int64_t sample) const;
  /// @param samples i64 (n)   @return bool (n)
  at::Tensor contains(const at::Tensor& samples) const;
};

/// Per task.
using LabelChoices = std::vector<LabelChoice>;

/// Reads the labels of the training rows of every task with `labels`. A source whose tasks all have
/// the key keeps only those training rows that one of them has chosen. Not collective: every rank
/// finds the same.
/// @throws UsageError where there are fewer labelled rows than asked for
LabelChoices choose_labels(const Config& config, const Sources& sources);

/// The target with the labels of these rows alone. @param chosen bool (n)
void keep_labels(Target& target, const at::Tensor& chosen);

/// Says how many labels each task has, where it does not use all.
void log_label_choices(const Config& config, const LabelChoices& choices, const Logger& logger);

}  // namespace trunkline
