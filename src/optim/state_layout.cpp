#include "rule.hpp"
#include "trunkline/optim/optimizer.hpp"

namespace trunkline {

std::vector<NamedView> optimizer_state_layout(const OptimizerOptions& options,
                                              const std::string& slice_name,
                                              const std::vector<SliceEntry>& entries, DType dtype,
                                              bool pulled) {
  std::vector<std::string> moments = rule_of(options).moments;
  if (pulled) moments.emplace_back("start");
  std::vector<NamedView> layout = {{slice_name + ".step", DType::kI64, {}, {}}};
  for (const SliceEntry& entry : entries)
    for (const std::string& moment : moments)
      layout.push_back({entry.name + "." + moment, dtype, entry.shape, {}});
  return layout;
}

}  // namespace trunkline
