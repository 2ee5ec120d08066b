#include "rule.hpp"

#include <fmt/ranges.h>

#include <array>
#include <string_view>
#include <utility>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using MakeRule = Rule (*)(const OptimizerOptions&);

constexpr std::array<std::pair<std::string_view, MakeRule>, 3> kRules = {{
    {"sgd", sgd_rule},
    {"adam", adam_rule},
    {"adamw", adamw_rule},
}};

}  // namespace

Rule rule_of(const OptimizerOptions& options) {
  for (const auto& [kind, make] : kRules)
    if (kind == options.kind) return make(options);
  throw UsageError(fmt::format("train.optimizer.kind: \"{}\" is unknown; expected one of {}",
                               options.kind, fmt::join(optimizer_kinds(), ", ")));
}

std::vector<std::string> optimizer_kinds() {
  std::vector<std::string> kinds;
  for (const auto& rule : kRules) kinds.emplace_back(rule.first);
  return kinds;
}

}  // namespace trunkline
