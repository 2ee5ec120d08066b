#include "trunkline/train/data_statistics.hpp"

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using nlohmann::json;
using Named = OrderedMap<ColumnStatistics>;

ColumnStatistics find(const Named& all, const std::string& name) {
  for (const auto& [known, statistics] : all)
    if (known == name) return statistics;
  return {};
}

json named_to_json(const Named& all) {
  json list = json::array();
  for (const auto& [name, s] : all)
    list.push_back({{"name", name}, {"mean", s.mean}, {"deviation", s.deviation}});
  return list;
}

Named named_from_json(const json& list) {
  Named all;
  for (const json& j : list)
    all.emplace_back(j.at("name"), ColumnStatistics{j.at("mean").get<std::vector<double>>(),
                                                    j.at("deviation").get<std::vector<double>>()});
  return all;
}

ColumnStatistics stored_for(const std::string& key, const ColumnStatistics& stored) {
  check<CheckpointError>(!stored.empty(),
                         "the checkpoint holds no statistics for {}; it was written before the key "
                         "was set: train on, or take the key back",
                         key);
  return stored;
}

}  // namespace

ColumnStatistics DataStatistics::input(const std::string& source) const {
  return find(inputs, source);
}

ColumnStatistics DataStatistics::label(const std::string& task) const { return find(labels, task); }

json to_json(const DataStatistics& statistics) {
  return {{"inputs", named_to_json(statistics.inputs)},
          {"labels", named_to_json(statistics.labels)}};
}

DataStatistics data_statistics_from_json(const json& j) {
  return {named_from_json(j.at("inputs")), named_from_json(j.at("labels"))};
}

bool normalizes(const SourceOptions& options) { return options.normalize == "true"; }

DataStatistics needed_statistics(const Config& config, const DataStatistics& stored) {
  DataStatistics needed;
  for (const auto& [name, source] : config.sources)
    if (normalizes(source))
      needed.inputs.emplace_back(
          name, stored_for(fmt::format("sources.{}.normalize", name), stored.input(name)));
  for (const auto& [name, task] : config.tasks)
    if (needs_label_statistics(task.loss))
      needed.labels.emplace_back(
          name, stored_for(fmt::format("tasks.{}.{}", name,
                                       task.loss.standardize ? "standardize" : "class_weights"),
                           stored.label(name)));
  return needed;
}

}  // namespace trunkline
