#include "trunkline/data/inspect.hpp"

#include <algorithm>
#include <set>

#include "dataset_report.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/data/loader.hpp"
#include "trunkline/h5/listing.hpp"
#include "trunkline/h5/location.hpp"

namespace trunkline {
namespace {

std::string relative(const std::string& path, const std::string& group) {
  return path.substr(group == "/" ? 1 : group.size() + 1);
}

// Groups directly below that hold an input, and the arrays in split/.
std::vector<SplitReport> splits_of(const FileReport& report) {
  std::vector<SplitReport> splits;
  for (const DatasetReport& dataset : report.datasets) {
    if (dataset.shape.empty()) continue;
    const std::string path = relative(dataset.path, report.group);
    const std::size_t cut = path.find('/');
    if (cut == std::string::npos || path.find('/', cut + 1) != std::string::npos) continue;
    const std::string group = path.substr(0, cut);
    if (group == "split")
      splits.push_back({path.substr(cut + 1), "index array", dataset.shape[0]});
    else if (dataset.role == "input" &&
             std::ranges::find(splits, group, &SplitReport::name) == splits.end())
      splits.push_back({group, "group", dataset.shape[0]});
  }
  return splits;
}

// The split for training, or a group that may stand for it.
std::string training_group(const FileReport& report) {
  for (const SplitReport& split : report.splits)
    if (split.name == "train" && split.kind == "group") return h5::join(report.group, "train");
  return report.group;
}

std::vector<std::string> targets_of(const FileReport& report) {
  std::vector<std::string> targets;
  const std::string group = training_group(report);
  for (const DatasetReport& dataset : report.datasets) {
    if (dataset.role != "target" || !dataset.path.starts_with(h5::join(group, ""))) continue;
    const std::string name = relative(dataset.path, group);
    if (name.find('/') == std::string::npos) targets.push_back(name);
  }
  return targets;
}

// A file can be trained on if it can be opened as a source with all its targets.
void try_to_open(const std::string& specification, const std::shared_ptr<IoThread>& io,
                 FileReport& report) {
  SourceOptions options;
  options.file = {specification};
  try {
    const auto source = Source::open(options, {report.path, targets_of(report)}, io);
    const RowGroups& rows = source->row_groups(Split::kTrain);
    report.rows = rows.rows();
    report.groups = static_cast<int64_t>(rows.group_begin().size()) - 1;
    report.group_rows = rows.group_rows();
  } catch (const DataError& error) {
    const std::string prefix = fmt::format("source {}: ", report.path);
    const std::string what = error.what();
    report.problem = what.starts_with(prefix) ? what.substr(prefix.size()) : what;
  }
}

}  // namespace

FileReport inspect(const std::string& specification, const std::shared_ptr<IoThread>& io) {
  const std::vector<h5::Location> locations = h5::resolve_locations({specification});
  check<DataError>(locations.size() == 1, "{}: {} files match; inspect one at a time",
                   specification, locations.size());
  FileReport report;
  report.path = locations[0].path;
  report.group = locations[0].group;
  io->run([&] {
    const h5::File file(report.path);
    h5::open_group(file, report.group);
    report.size = file.size();
    for (const std::string& path : h5::datasets_below(file, report.group))
      report.datasets.push_back(report_dataset(file, path));
  });
  report.splits = splits_of(report);
  try_to_open(specification, io, report);
  return report;
}

}  // namespace trunkline
