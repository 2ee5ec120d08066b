#include "dataset_report.hpp"

#include <algorithm>
#include <cmath>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/attributes.hpp"
#include "trunkline/h5/dataset.hpp"
#include "trunkline/h5/listing.hpp"
#include "trunkline/h5/location.hpp"
#include "trunkline/h5/schema.hpp"

namespace trunkline {
namespace {

constexpr int64_t kMaxScannedBytes = int64_t{64} << 20;
constexpr int64_t kMaxCountedClasses = 1000;
constexpr int64_t kMaxChunkRows = 8192;

struct Path {
  std::string group, name;
  explicit Path(const std::string& path) {
    const std::size_t cut = path.rfind('/');
    group = cut == 0 ? "/" : path.substr(0, cut);
    name = path.substr(cut + 1);
  }
};

// NAME of a companion NAME_valid, if the field exists.
std::string field_of(const h5::File& file, const Path& path, const std::string& suffix) {
  if (!path.name.ends_with(suffix)) return "";
  const std::string field = path.name.substr(0, path.name.size() - suffix.size());
  return h5::has_companion(file, path.group, field) ? field : "";
}

std::string input_of(const h5::File& file, const std::string& group) {
  try {
    return h5::find_inputs(file, group, "")[0].name;
  } catch (const DataError&) {
    return "";
  }
}

std::string role_of(const h5::File& file, const Path& path, const h5::Dataset& dataset) {
  if (const auto role = h5::text_attribute(dataset.id(), "role", dataset.label())) return *role;
  if (!field_of(file, path, "_valid").empty()) return "valid";
  if (!field_of(file, path, "_weight").empty()) return "weight";
  if (path.name == "group_id") return "group_id";
  if (path.group.ends_with("/split")) return "split";
  const std::string input = input_of(file, path.group);
  if (input.empty()) return "";
  if (input == path.name) return "input";
  const h5::Dataset reference(file, h5::join(path.group, input), true);
  return reference.rows() == dataset.rows() ? "target" : "";
}

std::vector<double> values_of(const h5::Dataset& dataset) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(dataset.rows() * dataset.row_bytes()));
  dataset.read(0, dataset.rows(), bytes.data());
  const auto elements = static_cast<std::size_t>(dataset.rows() * dataset.row_elements());
  return h5::as_doubles(dataset.type().delivered, bytes.data(), elements);
}

// Which elements have a value.
std::vector<bool> presence(const h5::File& file, const Path& path, const FieldDescription& field,
                           const std::vector<double>& values) {
  std::vector<double> mask;
  if (field.has_valid)
    mask = values_of(h5::Dataset(file, h5::join(path.group, path.name + "_valid")));
  const std::size_t share =
      mask.empty() ? 1 : std::max<std::size_t>(1, values.size() / mask.size());
  std::vector<bool> present(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool masked = !mask.empty() && i / share < mask.size() && mask[i / share] == 0;
    const bool ignored = field.ignore_value && values[i] == *field.ignore_value;
    present[i] = !masked && !ignored && !std::isnan(values[i]);
  }
  return present;
}

void count_classes(const std::vector<double>& values, const std::vector<bool>& present,
                   DatasetReport& report) {
  double largest = -1;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (present[i]) largest = std::max(largest, values[i]);
  if (!report.num_classes && largest >= 0) report.num_classes = static_cast<int64_t>(largest) + 1;
  if (!report.num_classes || *report.num_classes > kMaxCountedClasses) return;
  report.class_counts.assign(static_cast<std::size_t>(*report.num_classes), 0);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (present[i] && values[i] >= 0 && values[i] < static_cast<double>(*report.num_classes))
      ++report.class_counts[static_cast<std::size_t>(values[i])];
  if (report.class_counts.size() - std::ranges::count(report.class_counts, 0) == 1)
    report.warnings.emplace_back("all labels are equal");
}

void report_target(const h5::File& file, const Path& path, const h5::Dataset& dataset,
                   DatasetReport& report) {
  const auto field = h5::describe_field(file, path.group, {path.name, path.name}, true);
  report.kind = field.kind;
  report.num_classes = field.num_classes;
  report.class_names = field.class_names;
  if (dataset.rows() * dataset.row_bytes() > kMaxScannedBytes) return;
  const std::vector<double> values = values_of(dataset);
  const std::vector<bool> present = presence(file, path, field, values);
  const auto missing = std::ranges::count(present, false);
  report.share_missing = static_cast<double>(missing) / static_cast<double>(values.size());
  const bool one_hot = field.kind == "classification" && field.row_elements() > 1;
  if (field.kind.ends_with("classification") && !one_hot) count_classes(values, present, report);
}

void report_input(const h5::File& file, const Path& path, DatasetReport& report) {
  const auto field = h5::describe_field(file, path.group, {path.name, path.name}, false);
  if (field.num_classes) report.kind = "tokens";
  report.num_classes = field.num_classes;
}

void warn_of_layout(const h5::Dataset& dataset, DatasetReport& report) {
  if (report.chunk.empty()) return;
  const std::vector<int64_t>& shape = dataset.shape();
  if (report.chunk[0] == 1 && shape[0] > 1)
    report.warnings.emplace_back("chunks of one row are slow to read; repack with about 1 MiB");
  if (report.chunk[0] > kMaxChunkRows && dataset.row_bytes() > 16)
    report.warnings.emplace_back("chunks of more than 8192 rows need much memory; repack");
  for (std::size_t d = 1; d < shape.size(); ++d)
    if (report.chunk[d] < shape[d]) {
      report.warnings.emplace_back("chunks cut rows apart; repack with whole rows");
      break;
    }
}

// What can be said of every data set, readable or not.
void report_storage(const h5::File& file, const std::string& path, DatasetReport& report) {
  const std::string label = file.path() + ":" + path;
  const h5::Handle access = h5::dataset_access();
  const h5::Handle dataset(H5Dopen2(file.id(), path.c_str(), access.get()), H5Dclose,
                           label + ": cannot be opened");
  const h5::Handle type(H5Dget_type(dataset.get()), H5Tclose, label + ": its type is damaged");
  report.type = h5::type_name(type.get());
  report.shape = h5::shape_of(dataset.get());
  const h5::Storage storage = h5::storage_of(dataset.get());
  report.layout = h5::layout_name(storage.layout);
  report.chunk = storage.chunk;
  report.stored_bytes = storage.stored_bytes;
  report.raw_bytes = storage.raw_bytes;
  for (const h5::Storage::Filter& filter : storage.filters)
    report.filters.push_back(filter.name == "unknown" ? std::to_string(filter.id) : filter.name);
}

}  // namespace

DatasetReport report_dataset(const h5::File& file, const std::string& path) {
  DatasetReport report;
  report.path = path;
  try {
    report_storage(file, path, report);
    const h5::Dataset dataset(file, path);
    report.role = role_of(file, Path(path), dataset);
    warn_of_layout(dataset, report);
    if (report.role == "input") report_input(file, Path(path), report);
    if (report.role == "target") report_target(file, Path(path), dataset, report);
  } catch (const DataError& error) {
    report.problem = error.what();
  }
  return report;
}

}  // namespace trunkline
