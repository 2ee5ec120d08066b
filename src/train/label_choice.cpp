#include "trunkline/train/label_choice.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

#include "training_rows.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/core/random.hpp"
#include "trunkline/model/labels.hpp"
#include "trunkline/model/to_vector.hpp"

namespace trunkline {
namespace {

uint64_t key_of(const LabelChoice& choice, int64_t sample) {
  static const uint64_t kPurpose = name_key("labels");
  return key({kPurpose, choice.seed, choice.source, static_cast<uint64_t>(sample)});
}

// Keys of the training rows that have a label, ascending.
std::vector<uint64_t> labelled_keys(const std::string& task, const TaskOptions& options,
                                    const std::shared_ptr<Source>& source,
                                    const LabelChoice& choice) {
  const FieldDescription& field = source->description().target(options.target);
  const LabelReader reader(task, options, field);
  std::vector<uint64_t> keys;
  for_training_rows(source, field, [&](const Batch& batch) {
    const auto labelled = to_vector<uint8_t>(reader.read(batch).present.any(1));
    const auto samples = to_vector<int64_t>(batch.samples);
    for (std::size_t i = 0; i < samples.size(); ++i)
      if (labelled[i]) keys.push_back(key_of(choice, samples[i]));
  });
  std::sort(keys.begin(), keys.end());
  return keys;
}

// A share rounds to the nearest number of rows, but never to none.
int64_t wanted(double labels, int64_t labelled) {
  return labels < 1.0 ? std::max<int64_t>(1, std::llround(labels * static_cast<double>(labelled)))
                      : std::llround(labels);
}

LabelChoice choose(const std::string& task, const TaskOptions& options,
                   const std::shared_ptr<Source>& source, uint64_t seed) {
  LabelChoice choice{false, seed, name_key(options.source)};
  const std::vector<uint64_t> keys = labelled_keys(task, options, source, choice);
  choice.labelled = static_cast<int64_t>(keys.size());
  choice.chosen = wanted(*options.labels, choice.labelled);
  check<UsageError>(choice.chosen <= choice.labelled,
                    "tasks.{}.labels: {}, but source {} has {} training rows with a label in {}; "
                    "give at most that many, or leave the key out",
                    task, choice.chosen, options.source, choice.labelled, options.target);
  choice.last_key = keys[static_cast<std::size_t>(choice.chosen - 1)];
  return choice;
}

// The choices of a source's tasks, if each of them has one.
std::vector<LabelChoice> choices_of(const Config& config, const LabelChoices& choices,
                                    const std::string& source) {
  std::vector<LabelChoice> found;
  for (std::size_t t = 0; t < choices.size(); ++t) {
    if (config.tasks[t].second.source != source) continue;
    if (choices[t].all) return {};
    found.push_back(choices[t]);
  }
  return found;
}

std::vector<bool> kept_rows(const RowGroups& rows, const std::vector<LabelChoice>& choices) {
  std::vector<bool> kept;
  for (int64_t ordinal = 0; ordinal < rows.rows(); ++ordinal)
    kept.push_back(std::any_of(choices.begin(), choices.end(), [&](const LabelChoice& choice) {
      return choice.contains(rows.sample(ordinal));
    }));
  return kept;
}

}  // namespace

bool LabelChoice::contains(int64_t sample) const {
  return all || key_of(*this, sample) <= last_key;
}

at::Tensor LabelChoice::contains(const at::Tensor& samples) const {
  at::Tensor found = at::empty({samples.size(0)}, c10::kBool);
  bool* out = found.mutable_data_ptr<bool>();
  for (const int64_t sample : to_vector<int64_t>(samples)) *out++ = contains(sample);
  return found;
}

LabelChoices choose_labels(const Config& config, const Sources& sources) {
  LabelChoices choices;
  for (const auto& [task, options] : config.tasks)
    choices.push_back(options.labels
                          ? choose(task, options, sources[config.source_index(options.source)],
                                   static_cast<uint64_t>(config.run.seed))
                          : LabelChoice{});
  for (std::size_t s = 0; s < sources.size(); ++s)
    if (const auto all = choices_of(config, choices, config.sources[s].first); !all.empty())
      sources[s]->keep_training_rows(kept_rows(sources[s]->row_groups(Split::kTrain), all));
  return choices;
}

void keep_labels(Target& target, const at::Tensor& chosen) {
  const auto along = [&](const at::Tensor& tensor) {
    std::vector<int64_t> shape(static_cast<std::size_t>(tensor.dim()), 1);
    shape[0] = tensor.size(0);
    return chosen.view(shape);
  };
  target.valid = target.valid.logical_and(along(target.valid));
  target.values = at::where(along(target.values), target.values, at::zeros_like(target.values));
}

void log_label_choices(const Config& config, const LabelChoices& choices, const Logger& logger) {
  for (std::size_t t = 0; t < choices.size(); ++t)
    if (!choices[t].all)
      logger->info("task {}: trains on {} of {} labelled rows", config.tasks[t].first,
                   choices[t].chosen, choices[t].labelled);
}

}  // namespace trunkline
