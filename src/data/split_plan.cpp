#include <fmt/ranges.h>

#include <cstdlib>
#include <optional>

#include "splits.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/h5/listing.hpp"
#include "trunkline/h5/location.hpp"

namespace trunkline {
namespace {

using Kind = SplitPlan::Kind;

constexpr double kRounding = 1e-9;

// "0.8"; other numbers are names ("2024").
std::optional<double> fraction(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const bool is_fraction = !text.empty() && *end == '\0' && value > 0 && value <= 1;
  return is_fraction ? std::optional(value) : std::nullopt;
}

Kind kind_in(const OpenFile& file, const std::string& name) {
  const std::string group = h5::join(file.group, name);
  const std::string index = h5::join(file.group, "split/" + name);
  const bool is_group = h5::object_kind(*file.file, group) == h5::ObjectKind::kGroup;
  const bool is_index = h5::object_kind(*file.file, index) == h5::ObjectKind::kDataset;
  check<DataError>(!is_group || !is_index,
                   "{}: split {} exists twice, as group {} and as index array {}; remove one",
                   file.file->path(), name, group, index);
  if (is_group) return Kind::kGroup;
  return is_index ? Kind::kIndex : Kind::kAbsent;
}

Kind kind_of(const std::vector<OpenFile>& files, const std::string& name) {
  const Kind kind = kind_in(files[0], name);
  for (const OpenFile& file : files)
    check<DataError>(kind_in(file, name) == kind,
                     "{}: split {} is not stored as it is in {}; all files of a source need the "
                     "same splits",
                     file.file->path(), name, files[0].file->path());
  return kind;
}

std::string known_splits(const OpenFile& file) {
  std::vector<std::string> known;
  for (const std::string& name : h5::names_in(*file.file, file.group)) {
    const std::string path = h5::join(file.group, name);
    if (h5::object_kind(*file.file, path) != h5::ObjectKind::kGroup) continue;
    if (name != "split") known.push_back(name);
    if (name == "split")
      for (const std::string& index : h5::names_in(*file.file, path)) known.push_back(index);
  }
  return known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "));
}

SplitPlan plan_named(const std::vector<OpenFile>& files, const std::string& name,
                     const std::string& default_name) {
  SplitPlan plan{kind_of(files, name), name, 0, 0};
  check<DataError>(plan.kind != Kind::kAbsent || name == default_name,
                   "{}:{}: no split {}; there are: {}", files[0].file->path(), files[0].group, name,
                   known_splits(files[0]));
  return plan;
}

}  // namespace

std::array<SplitPlan, 3> plan_splits(const std::vector<OpenFile>& files,
                                     const SourceOptions& options) {
  const std::array<std::string, 3> names = {options.train, options.valid, options.test};
  const std::array<std::string, 3> defaults = {"train", "valid", "test"};
  std::array<SplitPlan, 3> plans;
  double used = 0;
  bool any = false;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (const auto share = fraction(names[i])) {
      plans[i] = {Kind::kFraction, names[i], used, used + *share};
      used += *share;
    } else {
      plans[i] = plan_named(files, names[i], defaults[i]);
    }
    any = any || plans[i].kind != Kind::kAbsent;
  }
  check<DataError>(used <= 1 + kRounding, "splits of {} of the rows in all; expected at most 1",
                   used);
  for (SplitPlan& plan : plans)
    if (plan.kind == Kind::kFraction && plan.end > 1 - kRounding) plan.end = 1;
  if (!any) plans[0].kind = Kind::kAll;
  check<DataError>(plans[0].kind != Kind::kAbsent, "{}:{}: no split {}; there are: {}",
                   files[0].file->path(), files[0].group, names[0], known_splits(files[0]));
  return plans;
}

}  // namespace trunkline
