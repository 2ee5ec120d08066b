#include "trunkline/model/gate_means.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/model/to_vector.hpp"

namespace trunkline {
namespace {

constexpr double kCollapsed = 0.95;

bool has(const std::vector<MetricValue>& values, const std::string& name) {
  return std::ranges::find(values, name, &MetricValue::name) != values.end();
}

// Whether it is one of several shared experts.
bool has_rivals(const std::vector<MetricValue>& values, const std::string& name) {
  const std::size_t shared = name.find(".shared");
  return shared != std::string::npos && has(values, name.substr(0, shared) + ".shared1");
}

bool has_above(const std::vector<MetricValue>& values, const std::string& name) {
  const auto found = std::ranges::find(values, name, &MetricValue::name);
  return found != values.end() && found->value.value_or(0.0) > kCollapsed;
}

}  // namespace

void GateMeans::add(const std::vector<at::Tensor>& gates) {
  if (gates.empty()) return;
  std::vector<double> state = {static_cast<double>(gates[0].size(0)),
                               static_cast<double>(gates.size())};
  for (const at::Tensor& gate : gates)
    for (const double sum : to_vector<double>(gate.to(c10::kDouble).sum(0))) state.push_back(sum);
  merge(state);
}

std::vector<double> GateMeans::state() const {
  if (sums_.empty()) return {};
  std::vector<double> state = {rows_, static_cast<double>(layers_)};
  state.insert(state.end(), sums_.begin(), sums_.end());
  return state;
}

void GateMeans::merge(const std::vector<double>& state) {
  if (state.empty()) return;
  ensure(state.size() > 2 && (sums_.empty() || sums_.size() == state.size() - 2),
         "means of gates of different experts");
  sums_.resize(state.size() - 2);
  rows_ += state[0];
  layers_ = static_cast<std::size_t>(state[1]);
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += state[i + 2];
}

std::vector<MetricValue> GateMeans::values(int64_t shared) const {
  std::vector<MetricValue> values;
  if (sums_.empty()) return values;
  const std::size_t experts = sums_.size() / layers_;
  const std::size_t own = experts - static_cast<std::size_t>(shared);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const std::size_t layer = i / experts, expert = i % experts;
    const std::string name = expert < own
                                 ? fmt::format("gate.layer{}.own{}", layer, expert)
                                 : fmt::format("gate.layer{}.shared{}", layer, expert - own);
    values.push_back({name, rows_ > 0.0 ? std::optional(sums_[i] / rows_) : std::nullopt});
  }
  return values;
}

std::vector<std::string> collapsed_experts(const std::vector<std::vector<MetricValue>>& tasks) {
  std::vector<std::string> names;
  std::vector<std::vector<MetricValue>> gated;
  for (const std::vector<MetricValue>& task : tasks)
    if (!task.empty()) gated.push_back(task);
  if (gated.empty()) return names;
  for (const MetricValue& expert : gated[0])
    if (has_rivals(gated[0], expert.name) &&
        std::ranges::all_of(gated, [&](const auto& task) { return has_above(task, expert.name); }))
      names.push_back(expert.name);
  return names;
}

}  // namespace trunkline
