#include "trunkline/report/last_metrics.hpp"

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>

namespace trunkline {
namespace {

using Key = std::tuple<std::string, std::optional<std::string>, std::string>;

std::optional<std::string> text_or_null(const nlohmann::json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
}

std::optional<double> number_or_null(const nlohmann::json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

std::optional<MetricLine> parse(const std::string& text) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    return MetricLine{json.at("step"),   json.at("epoch"),
                      json.at("split"),  text_or_null(json.at("task")),
                      json.at("metric"), number_or_null(json.at("value"))};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<MetricLine> last_metrics(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<MetricLine> lines;
  std::map<Key, std::size_t> places;
  for (std::string text; std::getline(file, text);) {
    const std::optional<MetricLine> line = parse(text);
    if (!line) continue;
    const auto [place, added] =
        places.try_emplace({line->split, line->task, line->metric}, lines.size());
    if (added) lines.emplace_back();
    lines[place->second] = *line;
  }
  return lines;
}

}  // namespace trunkline
