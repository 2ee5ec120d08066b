#include "h5_table.hpp"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/listing.hpp"
#include "trunkline/h5/location.hpp"

namespace trunkline {
namespace {

constexpr int64_t kSmallRowBytes = 16;
constexpr int64_t kSmallColumnBytes = int64_t{64} << 20;
constexpr int64_t kGroupBytes = int64_t{1} << 20;

}  // namespace

struct H5Table::Part {
  std::shared_ptr<h5::File> file;
  std::string group;
  std::vector<h5::Dataset> columns;
};

H5Table::H5Table(std::shared_ptr<IoThread> io, const std::vector<OpenFile>& files,
                 const std::string& split_group, const Options& options)
    : io_(std::move(io)), label_(options.label) {
  for (const OpenFile& file : files) open_part(file, split_group, options);
  choose_groups();
  load_small_columns();
}

H5Table::~H5Table() {
  io_->run([this] { parts_.clear(); });
}

void H5Table::open_part(const OpenFile& file, const std::string& split_group,
                        const Options& options) {
  const std::string group = split_group.empty() ? file.group : h5::join(file.group, split_group);
  h5::open_group(*file.file, group);
  if (parts_.empty()) describe(file, group, options);
  auto part = std::make_unique<Part>(Part{file.file, group, {}});
  for (const std::string& dataset : datasets_)
    part->columns.emplace_back(*file.file, h5::join(group, dataset), options.allow_fill);
  check_part(*part);
  check_codes(file, group);
  part_begin_.push_back(part_begin_.back() + part->columns[0].rows());
  parts_.push_back(std::move(part));
}

void H5Table::describe(const OpenFile& file, const std::string& group, const Options& options) {
  for (const h5::FieldName& name : h5::find_inputs(*file.file, group, options.input)) {
    inputs_.push_back(h5::describe_field(*file.file, group, name, false));
    add_columns(inputs_.back(), name.dataset);
  }
  for (const std::string& wanted : options.targets) {
    const h5::FieldName name = h5::find_target(*file.file, group, wanted);
    if (std::ranges::find(targets_, name.name, &FieldDescription::name) != targets_.end()) continue;
    targets_.push_back(h5::describe_field(*file.file, group, name, true));
    add_columns(targets_.back(), name.dataset);
  }
}

// An input may be a target as well (reconstruction); it is one column.
void H5Table::add_columns(const FieldDescription& field, const std::string& dataset) {
  if (std::ranges::find(columns_, field.name, &Column::name) != columns_.end()) return;
  columns_.push_back({field.name, field.dtype, field.shape});
  datasets_.push_back(dataset);
  if (field.has_valid) {
    columns_.push_back({field.name + "_valid", DType::kU8, field.valid_shape});
    datasets_.push_back(dataset + "_valid");
  }
  if (field.has_weight) {
    columns_.push_back({field.name + "_weight", DType::kF32, {}});
    datasets_.push_back(dataset + "_weight");
  }
}

void H5Table::check_part(const Part& part) const {
  const h5::Dataset& first = part.columns[0];
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const h5::Dataset& found = part.columns[c];
    const Column& column = columns_[c];
    check<DataError>(found.rows() == first.rows(), "{}: {} rows, but {} has {}", found.label(),
                     found.rows(), first.label(), first.rows());
    const std::string reference =
        parts_.empty() ? "the schema wants" : parts_[0]->columns[c].label() + " has";
    check<DataError>(found.type().delivered == column.dtype, "{}: type {}, but {} {}",
                     found.label(), name_of(found.type().delivered), reference,
                     name_of(column.dtype));
    check<DataError>(found.row_shape() == column.shape, "{}: rows of shape {}, but {} {}",
                     found.label(), h5::shape_text(found.row_shape()), reference,
                     h5::shape_text(column.shape));
  }
}

// One number must not stand for this text in one file and for that in another.
void H5Table::check_codes(const OpenFile& file, const std::string& group) const {
  if (parts_.empty()) return;
  for (const FieldDescription& input : inputs_) {
    if (input.codes.empty()) continue;
    const std::size_t c = column(input.name);
    const h5::FieldName name{input.name, datasets_[c]};
    check<DataError>(same_codes(input, h5::describe_field(*file.file, group, name, false)),
                     "{}:{}: other codes than {}; convert the tables with --like and one of them",
                     file.file->path(), h5::join(group, datasets_[c]),
                     parts_[0]->columns[c].label());
  }
}

// Rows of a group: whole chunks of the widest chunked input, about 1 MiB of all inputs.
void H5Table::choose_groups() {
  int64_t chunk_rows = 1, widest = 0;
  for (const FieldDescription& input : inputs_) {
    const h5::Dataset& dataset = parts_[0]->columns[column(input.name)];
    const int64_t row_bytes = dataset.stored_row_bytes();
    input_row_bytes_ += row_bytes;
    if (dataset.storage().chunk.empty() || row_bytes <= widest) continue;
    widest = row_bytes;
    chunk_rows = dataset.storage().chunk[0];
  }
  group_rows_ =
      chunk_rows *
      std::max<int64_t>(1, kGroupBytes / std::max<int64_t>(1, chunk_rows * input_row_bytes_));
}

void H5Table::load_small_columns() {
  small_.resize(columns_.size());
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const int64_t row_bytes = columns_[c].row_bytes();
    if (row_bytes > kSmallRowBytes || rows() * row_bytes > kSmallColumnBytes) continue;
    std::vector<std::byte> whole(static_cast<std::size_t>(rows() * row_bytes));
    read(c, 0, rows(), whole.data());
    small_[c] = std::move(whole);
  }
}

std::size_t H5Table::column(const std::string& name) const {
  const auto found = std::ranges::find(columns_, name, &Column::name);
  ensure(found != columns_.end(), "a column that the table does not have");
  return static_cast<std::size_t>(found - columns_.begin());
}

H5Table::Place H5Table::place(std::size_t column, int64_t row) const {
  const auto after = std::ranges::upper_bound(part_begin_, row);
  const auto part = static_cast<std::size_t>(after - part_begin_.begin()) - 1;
  return {parts_[part]->columns[column].label(), row - part_begin_[part]};
}

void H5Table::read(std::size_t column, int64_t first, int64_t count, std::byte* out) const {
  const int64_t row_bytes = columns_[column].row_bytes();
  if (!small_[column].empty()) {
    std::memcpy(out, small_[column].data() + first * row_bytes,
                static_cast<std::size_t>(count * row_bytes));
    return;
  }
  io_->run([&] {
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      const int64_t begin = std::max(first, part_begin_[part]);
      const int64_t end = std::min(first + count, part_begin_[part + 1]);
      if (begin < end)
        read_part(part, column, begin - part_begin_[part], end - begin,
                  out + (begin - first) * row_bytes);
    }
  });
}

void H5Table::read_part(std::size_t part, std::size_t column, int64_t first, int64_t count,
                        std::byte* out) const {
  try {
    parts_[part]->columns[column].read(first, count, out);
    parts_[part]->file->check_unchanged();
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: {}", label_, error.what()));
  }
}

uint64_t H5Table::fingerprint() const {
  std::string text;
  for (const auto& part : parts_) text += fmt::format("file {};", part->file->size());
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const Column& column = columns_[c];
    text += fmt::format("{} {} {} {};", column.name, name_of(column.dtype),
                        h5::shape_text(column.shape), rows());
    std::vector<std::byte> row(static_cast<std::size_t>(column.row_bytes()));
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      for (const int64_t r : {part_begin_[p], part_begin_[p + 1] - 1}) {
        read(c, r, 1, row.data());
        text.append(reinterpret_cast<const char*>(row.data()), row.size());
      }
    }
  }
  return XXH3_64bits(text.data(), text.size());
}

}  // namespace trunkline
