#include <algorithm>
#include <filesystem>

#include "h5_row_groups.hpp"
#include "splits.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/data/loader.hpp"
#include "trunkline/h5/location.hpp"
#include "value_check.hpp"

namespace trunkline {
namespace {

constexpr int64_t kMinGroupsInPlay = 16;

std::string file_key(const Source::Wanted& wanted) {
  return wanted.key.empty() ? fmt::format("sources.{}.file", wanted.name) : wanted.key;
}

// What messages about the content of the files begin with.
std::string label_of(const Source::Wanted& wanted) {
  return wanted.key.empty() ? fmt::format("source {}", wanted.name) : wanted.key;
}

OpenFile open_file(const h5::Location& location) {
  std::error_code unknown;
  check<DataError>(std::filesystem::exists(location.path, unknown) || unknown,
                   "{}: no such file; correct the path, or make the file first", location.path);
  OpenFile opened{std::make_shared<h5::File>(location.path), location.group};
  h5::open_group(*opened.file, location.group);  // says so if there is none
  return opened;
}

std::vector<OpenFile> open_files(const SourceOptions& options, const Source::Wanted& wanted) {
  try {
    std::vector<OpenFile> files;
    for (const h5::Location& location : h5::resolve_locations(options.file))
      files.push_back(open_file(location));
    return files;
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: {}", file_key(wanted), error.what()));
  }
}

// An HDF5 source: one table per group that holds rows, and the rows of each split.
class H5Source final : public Source {
 public:
  H5Source(const SourceOptions& options, const Wanted& wanted, std::shared_ptr<IoThread> io)
      : options_(options), wanted_(wanted), io_(std::move(io)) {
    const std::vector<OpenFile> files = open_files(options, wanted);
    const std::array<SplitPlan, 3> plans = plan_splits(files, options);
    for (const SplitPlan& plan : plans)
      if (plan.kind != SplitPlan::Kind::kAbsent) open_table(files, plan.group());
    describe_source();
    check_budget();
    for (std::size_t i = 0; i < plans.size(); ++i) open_split(files, plans[i], i);
    description_.rows = rows(Split::kTrain);
    for (const Opened& opened : tables_)
      fingerprint_ = fingerprint_ * 31 + opened.table->fingerprint();
  }

  const SourceDescription& description() const override { return description_; }
  uint64_t fingerprint() const override { return fingerprint_; }

  int64_t rows(Split split) const override {
    const auto& groups = splits_.at(static_cast<std::size_t>(split));
    return groups ? groups->rows() : 0;
  }

  const RowGroups& row_groups(Split split) const override {
    const auto& groups = splits_.at(static_cast<std::size_t>(split));
    check<DataError>(groups != nullptr, "{}: there is no split of that kind", label_of(wanted_));
    return *groups;
  }

  void keep_training_rows(const std::vector<bool>& kept) override {
    const Opened& opened = tables_[train_table_];
    const RowGroups& before = row_groups(Split::kTrain);
    std::vector<bool> marked(static_cast<std::size_t>(opened.table->rows()), false);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const int64_t row = before.sample(static_cast<int64_t>(i)) - opened.first_sample;
      marked[static_cast<std::size_t>(row)] = kept[i];
    }
    splits_[0] = make_groups(opened, RowSelection(marked));
    description_.rows = rows(Split::kTrain);
  }

 private:
  struct Opened {
    std::string group;  // of the split
    std::shared_ptr<H5Table> table;
    int64_t first_sample = 0;
  };

  void open_table(const std::vector<OpenFile>& files, const std::string& group) {
    if (std::ranges::find(tables_, group, &Opened::group) != tables_.end()) return;
    const H5Table::Options options = {label_of(wanted_), options_.input, wanted_.targets,
                                      options_.allow_fill};
    auto table = std::make_shared<H5Table>(io_, files, group, options);
    int64_t first = 0;
    if (!tables_.empty()) {
      check_same_columns(*tables_[0].table, *table);
      first = tables_.back().first_sample + tables_.back().table->rows();
    }
    tables_.push_back({group, std::move(table), first});
  }

  static void check_same_columns(const H5Table& expected, const H5Table& found) {
    const auto name_at = [](const H5Table& table, std::size_t c) {
      return c < table.columns().size() ? table.place(c, 0).label : std::string("nothing");
    };
    const std::size_t columns = std::max(expected.columns().size(), found.columns().size());
    for (std::size_t c = 0; c < columns; ++c) {
      const bool same = c < expected.columns().size() && c < found.columns().size() &&
                        expected.columns()[c].name == found.columns()[c].name &&
                        expected.columns()[c].dtype == found.columns()[c].dtype &&
                        expected.columns()[c].shape == found.columns()[c].shape;
      check<DataError>(same,
                       "{} and {} differ in name, type or row shape; all splits need the same "
                       "fields and companions",
                       name_at(expected, c), name_at(found, c));
    }
    for (std::size_t i = 0; i < expected.inputs().size(); ++i)
      check<DataError>(same_codes(expected.inputs()[i], found.inputs()[i]),
                       "{} and {} have other codes; convert the tables with --like and one of them",
                       name_at(expected, i), name_at(found, i));
  }

  // Targets are checked in all splits, since 1 + the largest label counts all rows.
  void describe_source() {
    const H5Table& table = *tables_[0].table;
    description_ = {wanted_.name, table.inputs(), table.targets(), 0};
    for (const Opened& opened : tables_)
      for (const auto* fields : {&description_.inputs, &description_.targets})
        for (const FieldDescription& field : *fields) check_companions(*opened.table, field);
    for (FieldDescription& target : description_.targets) describe_target(target);
  }

  void describe_target(FieldDescription& target) {
    if (const auto kind = wanted_.kinds.find(target.name); kind != wanted_.kinds.end())
      target.kind = kind->second;
    const auto configured = wanted_.classes.find(target.name);
    if (configured != wanted_.classes.end()) {
      check_class_count(target, configured->second);
      target.num_classes = configured->second;
    }
    int64_t largest = -1;
    for (const Opened& opened : tables_)
      largest = std::max(largest, check_labels(*opened.table, target, target.num_classes));
    if (!target.num_classes && largest >= 0) target.num_classes = largest + 1;
  }

  // "FILE:/y"
  std::string place_of(const FieldDescription& target) const {
    const H5Table& table = *tables_[0].table;
    return table.place(table.column(target.name), 0).label;
  }

  void check_class_count(const FieldDescription& target, int64_t configured) const {
    const auto task = wanted_.tasks.find(target.name);
    check<DataError>(!target.num_classes || *target.num_classes == configured,
                     "tasks.{}.classes: {}, but {} has {} classes; leave the key out",
                     task == wanted_.tasks.end() ? "T" : task->second, configured, place_of(target),
                     target.num_classes.value_or(0));
  }

  // Rows in play decide how well batches are mixed; fewer than 16 groups are not worth training on.
  void check_budget() {
    const H5Table& table = *tables_[0].table;
    const int64_t group_bytes = table.group_rows() * table.input_row_bytes();
    groups_in_budget_ = options_.window_bytes / group_bytes;
    const int64_t groups = (table.rows() + table.group_rows() - 1) / table.group_rows();
    const int64_t needed = std::min(groups, kMinGroupsInPlay);
    check<DataError>(
        groups_in_budget_ >= needed,
        "{}: window_bytes {} holds {} row groups of {} bytes, at least {} are needed to "
        "shuffle; set window_bytes: {} or repack with smaller chunks",
        table.place(0, 0).label, options_.window_bytes, groups_in_budget_, group_bytes, needed,
        needed * group_bytes);
  }

  void open_split(const std::vector<OpenFile>& files, const SplitPlan& plan, std::size_t split) {
    if (plan.kind == SplitPlan::Kind::kAbsent) return;
    const auto opened = std::ranges::find(tables_, plan.group(), &Opened::group);
    if (split == 0) train_table_ = static_cast<std::size_t>(opened - tables_.begin());
    splits_.at(split) = make_groups(
        *opened, select_rows(plan, files, *opened->table, options_.split_seed, wanted_.name));
  }

  std::unique_ptr<H5RowGroups> make_groups(const Opened& opened, RowSelection selection) const {
    return std::make_unique<H5RowGroups>(opened.table, std::move(selection),
                                         tables_[0].table->group_rows(), groups_in_budget_,
                                         opened.first_sample);
  }

  SourceOptions options_;
  Wanted wanted_;
  std::shared_ptr<IoThread> io_;
  std::vector<Opened> tables_;
  std::size_t train_table_ = 0;  ///< of the train split
  SourceDescription description_;
  std::array<std::unique_ptr<H5RowGroups>, 3> splits_;
  int64_t groups_in_budget_ = 1;
  uint64_t fingerprint_ = 0;
};

}  // namespace

void describe(Keys& keys, SourceOptions& options) {
  keys.value("file", options.file, "PATH, PATH#/GROUP, a glob, or a list of these",
             {.required = true});
  keys.value("input", options.input, "input data set; empty: x, or the only usual name");
  keys.value("batch", options.batch, "rows per step, over all ranks", {.min = 1});
  keys.value("train", options.train, "split for training: a name, or a fraction of the rows");
  keys.value("valid", options.valid, "split for validation");
  keys.value("test", options.test, "split for the final test");
  keys.value("split_seed", options.split_seed, "seed of splits by fractions");
  keys.choice("tail", options.tail, {"pad", "drop", "continuous"},
              "what happens to the rows that do not fill the last batch of an epoch");
  keys.value("window_bytes", options.window_bytes, "memory in which rows are shuffled", {.min = 1});
  keys.value("allow_fill", options.allow_fill, "accept chunks that were never written");
  keys.choice("normalize", options.normalize, {"none", "true"},
              "true: bring inputs to mean 0 and deviation 1, per channel of images or column of "
              "vectors, with the numbers of the training rows");
}

std::shared_ptr<Source> Source::open(const SourceOptions& options, const Wanted& wanted,
                                     std::shared_ptr<IoThread> io) {
  std::shared_ptr<Source> source;
  try {
    io->run([&] { source = std::make_shared<H5Source>(options, wanted, io); });
  } catch (const DataError& error) {
    const std::string prefix = label_of(wanted) + ": ", what = error.what();
    const bool named = what.starts_with(prefix) || what.starts_with(file_key(wanted) + ": ");
    throw DataError(named ? what : prefix + what);
  }
  return source;
}

OrderParameters order_parameters(const Source& source, int64_t batch) {
  const RowGroups& rows = source.row_groups(Split::kTrain);
  const auto groups = static_cast<int64_t>(rows.group_begin().size()) - 1;
  return choose_order(rows.rows(), groups, rows.group_rows(), batch, rows.groups_in_budget());
}

}  // namespace trunkline
