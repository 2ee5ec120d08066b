#include "trunkline/data/inspect.hpp"

namespace trunkline {
namespace {

template <class T>
nlohmann::json or_null(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

nlohmann::json to_json(const DatasetReport& report) {
  return {{"path", report.path},
          {"shape", report.shape},
          {"type", report.type},
          {"layout", report.layout},
          {"chunk", report.chunk},
          {"filters", report.filters},
          {"stored_bytes", report.stored_bytes},
          {"raw_bytes", report.raw_bytes},
          {"role", report.role},
          {"kind", report.kind},
          {"num_classes", or_null(report.num_classes)},
          {"class_names", report.class_names},
          {"class_counts", report.class_counts},
          {"share_missing", or_null(report.share_missing)},
          {"warnings", report.warnings},
          {"problem", report.problem}};
}

}  // namespace

nlohmann::json to_json(const FileReport& report) {
  nlohmann::json datasets = nlohmann::json::array(), splits = nlohmann::json::array();
  for (const DatasetReport& dataset : report.datasets) datasets.push_back(to_json(dataset));
  for (const SplitReport& split : report.splits)
    splits.push_back({{"name", split.name}, {"kind", split.kind}, {"rows", split.rows}});
  return {{"path", report.path},         {"group", report.group},
          {"size", report.size},         {"datasets", std::move(datasets)},
          {"splits", std::move(splits)}, {"rows", report.rows},
          {"groups", report.groups},     {"group_rows", report.group_rows},
          {"problem", report.problem},   {"trainable", report.trainable()}};
}

}  // namespace trunkline
