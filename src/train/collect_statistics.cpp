#include "trunkline/train/collect_statistics.hpp"

#include <cmath>

#include "training_rows.hpp"
#include "trunkline/model/input.hpp"
#include "trunkline/model/label_statistics.hpp"
#include "trunkline/train/gather.hpp"

namespace trunkline {
namespace {

const ColumnStatistics& check_finite(const ColumnStatistics& statistics, const std::string& source,
                                     const std::string& field, const std::string& key) {
  for (std::size_t c = 0; c < statistics.mean.size(); ++c)
    check<DataError>(std::isfinite(statistics.deviation[c]),
                     "source {}: {}: column {} of the training rows has no finite mean and "
                     "deviation; mend the file, or leave out {}",
                     source, field, c, key);
  return statistics;
}

// Codes of a table are names, not quantities: they stay as they are.
ColumnStatistics keep_codes(ColumnStatistics statistics, const std::vector<int64_t>& codes) {
  for (std::size_t c = 0; c < codes.size() && c < statistics.mean.size(); ++c)
    if (codes[c] > 0) {
      statistics.mean[c] = 0.0;
      statistics.deviation[c] = 1.0;
    }
  return statistics;
}

// What is known counts, unless it is of other data: then the checkpoint does not fit the model,
// which restoring it will say.
ColumnStatistics input_statistics(const std::string& name, const StemOptions& stem,
                                  const std::shared_ptr<Source>& source,
                                  const ColumnStatistics& known) {
  const FieldDescription& field = source->description().inputs.front();
  ColumnMoments moments(input_channels(field));
  if (known.columns() == moments.columns()) return known;
  for_training_rows(source, field, [&](const Batch& batch) {
    moments.add(prepare_input(batch.fields.at(field.name), field, c10::kDouble));
  });
  return check_finite(keep_codes(moments.statistics(), table_codes(stem, field)), name, field.name,
                      "sources." + name + ".normalize");
}

ColumnStatistics label_statistics(const std::string& name, const TaskOptions& options,
                                  const std::shared_ptr<Source>& source, const LabelChoice& choice,
                                  const ColumnStatistics& known) {
  const FieldDescription& field = source->description().target(target_of(options));
  LabelStatistics statistics(name, options, field);
  if (known.columns() == statistics.columns()) return known;
  for_training_rows(source, field, [&](const Batch& batch) {
    statistics.add(batch, choice.contains(batch.samples));
  });
  return check_finite(statistics.statistics(), options.source, field.name,
                      "tasks." + name + ".standardize");
}

DataStatistics count(const Config& config, const Sources& sources, const LabelChoices& labels,
                     const DataStatistics& known) {
  DataStatistics statistics;
  for (const auto& [name, options] : config.sources)
    if (normalizes(options))
      statistics.inputs.emplace_back(
          name, input_statistics(name, options.stem, sources[config.source_index(name)],
                                 known.input(name)));
  for (std::size_t t = 0; t < config.tasks.size(); ++t) {
    const auto& [name, options] = config.tasks[t];
    if (needs_label_statistics(options.loss))
      statistics.labels.emplace_back(
          name, label_statistics(name, options, sources[config.source_index(options.source)],
                                 labels[t], known.label(name)));
  }
  return statistics;
}

void log_constant(const OrderedMap<ColumnStatistics>& all, const char* what, const char* key,
                  const Logger& logger) {
  for (const auto& [name, statistics] : all) {
    std::vector<std::size_t> constant;
    for (std::size_t c = 0; c < statistics.deviation.size(); ++c)
      if (statistics.deviation[c] == 0.0) constant.push_back(c);
    if (!constant.empty())
      logger->info("{} {}: {} of {} columns are constant (first: {}); {} only shifts them", what,
                   name, constant.size(), statistics.columns(), constant.front(), key);
  }
}

}  // namespace

DataStatistics collect_statistics(const Config& config, const Sources& sources,
                                  const LabelChoices& labels, const DataStatistics& known,
                                  Ranks& ranks) {
  std::string mine;
  agree(ranks, [&] {
    if (ranks.rank() == 0) mine = to_json(count(config, sources, labels, known)).dump();
  });
  return data_statistics_from_json(nlohmann::json::parse(gather_text(ranks, mine).front()));
}

void log_constant_columns(const DataStatistics& statistics, const Logger& logger) {
  log_constant(statistics.inputs, "source", "normalize", logger);
  log_constant(statistics.labels, "task", "standardize", logger);
}

}  // namespace trunkline
