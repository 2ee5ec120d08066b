#include "prediction_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "trunkline/model/task.hpp"
#include "trunkline/report/table.hpp"

namespace trunkline {
namespace {

constexpr std::size_t kShown = 16;  // numbers of a row: maps have thousands

std::string numbers(const nlohmann::json& value) {
  if (!value.is_array())
    return value.is_number_float() ? format_metric(value.get<double>()) : value.dump();
  std::string text;
  for (std::size_t i = 0; i < std::min(value.size(), kShown); ++i) {
    if (!text.empty()) text += ' ';
    text += numbers(value[i]);
  }
  return value.size() > kShown ? fmt::format("{} … ({})", text, value.size()) : text;
}

// A class is shown by its name, values as they are.
std::string prediction_text(const nlohmann::json& prediction, const PredictSummary& summary) {
  const bool named =
      prediction.is_number_integer() && prediction.get<std::size_t>() < summary.class_names.size();
  return named ? summary.class_names[prediction.get<std::size_t>()] : numbers(prediction);
}

}  // namespace

std::string prediction_table(const PredictSummary& summary) {
  std::vector<std::string> header = {"row"};
  for (const PredictionField& field : kPredictionFields)
    if (!summary.head.empty() && summary.head[0].contains(field.name))
      header.emplace_back(field.name);
  std::vector<std::vector<std::string>> rows;
  for (const nlohmann::json& row : summary.head) {
    std::vector<std::string>& cells = rows.emplace_back();
    for (const std::string& name : header)
      cells.push_back(name == "prediction" ? prediction_text(row[name], summary)
                                           : numbers(row[name]));
  }
  return format_table(header, rows);
}

}  // namespace trunkline
