#include "csv_like.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/attributes.hpp"
#include "trunkline/h5/dataset.hpp"
#include "trunkline/h5/location.hpp"
#include "trunkline/h5/schema.hpp"

namespace trunkline {
namespace {

std::string group_of_rows(const h5::File& file, const std::string& group) {
  const std::string train = h5::join(group, "train");
  return !h5::has_companion(file, group, "x") && h5::has_companion(file, train, "x") ? train
                                                                                     : group;
}

void read_codes(const h5::Dataset& x, CsvLike& like) {
  const std::string& label = x.label();
  const auto columns = h5::texts_attribute(x.id(), "columns", label);
  const auto codes = h5::numbers_attribute(x.id(), "codes", label);
  check<DataError>(columns && codes && columns->size() == codes->size(),
                   "--like: {} has no codes; convert it with --text codes", label);
  like.columns = *columns;
  for (std::size_t c = 0; c < codes->size(); ++c) {
    if ((*codes)[c] == 0) continue;
    const std::string attribute = "codes:" + like.columns[c];
    const auto names = h5::texts_attribute(x.id(), attribute, label);
    check<DataError>(names.has_value(), "--like: {} has no attribute {}: it holds too much text",
                     label, attribute);
    CsvCodes& column = like.codes[like.columns[c]];
    column.names = *names;
    for (const std::string& name : column.names)
      column.code.emplace(name, static_cast<int64_t>(column.code.size()));
  }
}

std::vector<std::string> read_classes(const h5::Dataset& target) {
  if (const auto names = h5::texts_attribute(target.id(), "class_names", target.label()))
    return *names;
  std::vector<std::string> names;
  const auto count = h5::number_attribute(target.id(), "num_classes", target.label());
  for (int64_t i = 0; i < static_cast<int64_t>(count.value_or(0)); ++i)
    names.push_back(std::to_string(i));
  return names;
}

}  // namespace

CsvCodes CsvLike::classes_of(const std::string& input, const CsvTarget& target,
                             const CsvColumnFacts& facts) const {
  const auto known = classes.find(target.name);
  if (known == classes.end()) return number_values(input, facts);
  CsvCodes result{{}, known->second};
  for (const std::string& value : facts.values) {
    const auto name = std::ranges::find(result.names, class_name(facts, value));
    check<DataError>(name != result.names.end(), "{}: column {}: {} is no class of {}: {}", input,
                     facts.name, shown(value), path, fmt::join(result.names, ", "));
    result.code[value] = name - result.names.begin();
  }
  return result;
}

CsvLike read_like(const std::string& file, const CsvSelection& selection,
                  const std::shared_ptr<IoThread>& io) {
  const h5::Location location = h5::resolve_locations({file}).front();
  CsvLike like{location.path, {}, {}, {}};
  io->run([&] {
    const h5::File opened(location.path);
    const std::string group = group_of_rows(opened, location.group);
    read_codes(h5::Dataset(opened, h5::join(group, "x"), true), like);
    for (const CsvTarget& target : selection.targets) {
      if (!h5::has_companion(opened, group, target.name)) continue;
      auto names = read_classes(h5::Dataset(opened, h5::join(group, target.name), true));
      if (!names.empty()) like.classes[target.name] = std::move(names);
    }
  });
  return like;
}

}  // namespace trunkline
