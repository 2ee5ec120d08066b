#include <fmt/ranges.h>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/attributes.hpp"
#include "trunkline/h5/listing.hpp"
#include "trunkline/h5/location.hpp"
#include "trunkline/h5/schema.hpp"

namespace trunkline::h5 {
namespace {

const std::vector<std::string> kInputNames = {"X",        "data",   "image", "images",
                                              "features", "inputs", "raw",   "tokens"};
const std::vector<std::string> kTargetNames = {"Y",      "label",   "labels",
                                               "target", "targets", "output"};

std::string role_of(const File& file, const std::string& path) {
  if (object_kind(file, path) != ObjectKind::kDataset) return "";
  const std::string label = file.path() + ":" + path;
  const Handle access = dataset_access();
  const Handle dataset(H5Dopen2(file.id(), path.c_str(), access.get()), H5Dclose,
                       label + ": cannot be opened");
  return text_attribute(dataset.get(), "role", label).value_or("");
}

std::vector<std::string> with_role(const File& file, const std::string& group,
                                   const std::string& role) {
  std::vector<std::string> found;
  for (const std::string& name : names_in(file, group))
    if (role_of(file, join(group, name)) == role) found.push_back(name);
  return found;
}

std::vector<std::string> present(const File& file, const std::string& group,
                                 const std::vector<std::string>& names) {
  std::vector<std::string> found;
  for (const std::string& name : names)
    if (link_exists(file, join(group, name))) found.push_back(name);
  return found;
}

// The only candidate, or an error that says what is there.
std::string only(const File& file, const std::string& group, const std::string& key,
                 const std::string& usual, const std::vector<std::string>& found) {
  if (found.size() == 1) return found[0];
  const std::string what =
      found.empty()
          ? fmt::format("no {} data set ({} or a usual name)", key, usual)
          : fmt::format("{} candidates for the {}: {}", found.size(), key, fmt::join(found, ", "));
  throw DataError(fmt::format("{}:{}: {}; set {}: NAME. {} has: {}", file.path(), group, what, key,
                              group, listing_text(file, group)));
}

}  // namespace

std::vector<FieldName> find_inputs(const File& file, const std::string& group,
                                   const std::string& configured) {
  if (!configured.empty()) return {{configured, configured}};
  std::vector<FieldName> inputs;
  for (const std::string& name : with_role(file, group, "input")) inputs.push_back({name, name});
  if (!inputs.empty()) return inputs;
  if (link_exists(file, join(group, "x"))) return {{"x", "x"}};
  const std::string name = only(file, group, "input", "x", present(file, group, kInputNames));
  return {{name, name}};
}

FieldName find_target(const File& file, const std::string& group, const std::string& wanted) {
  const std::string name = wanted.empty() ? "y" : wanted;
  if (name != "y" || link_exists(file, join(group, name))) return {name, name};
  const std::vector<std::string> marked = with_role(file, group, "target");
  if (marked.size() == 1) return {name, marked[0]};
  return {name, only(file, group, "target", "y", present(file, group, kTargetNames))};
}

bool has_companion(const File& file, const std::string& group, const std::string& name) {
  return object_kind(file, join(group, name)) == ObjectKind::kDataset;
}

}  // namespace trunkline::h5
