#include "splits.hpp"

#include "trunkline/core/error.hpp"
#include "trunkline/core/random.hpp"
#include "trunkline/h5/location.hpp"

namespace trunkline {
namespace {

// A one-dimensional integer data set, whole.
std::vector<int64_t> integers(const h5::Dataset& dataset) {
  check<DataError>(is_integral(dataset.type().delivered) && dataset.row_elements() == 1,
                   "{}: expected one integer per row", dataset.label());
  const auto rows = static_cast<std::size_t>(dataset.rows());
  std::vector<std::byte> bytes(rows * size_of(dataset.type().delivered));
  dataset.read(0, dataset.rows(), bytes.data());
  const std::vector<double> values = h5::as_doubles(dataset.type().delivered, bytes.data(), rows);
  return {values.begin(), values.end()};  // row and group numbers lie below 2^53
}

void mark_index(const SplitPlan& plan, const OpenFile& file, int64_t first, int64_t rows,
                std::vector<bool>& marked) {
  const h5::Dataset index(*file.file, h5::join(file.group, "split/" + plan.name));
  const std::vector<int64_t> numbers = integers(index);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const int64_t row = numbers[i];
    check<DataError>(row >= 0 && row < rows, "{}: split/{}[{}] = {}, N = {}", index.label(),
                     plan.name, i, row, rows);
    const auto at = static_cast<std::size_t>(first + row);
    check<DataError>(!marked[at], "{}: split/{}[{}] = {} is there twice", index.label(), plan.name,
                     i, row);
    marked[at] = true;
  }
}

void mark_fraction(const SplitPlan& plan, const OpenFile& file, int64_t first, int64_t rows,
                   uint64_t split_seed, uint64_t source, std::vector<bool>& marked) {
  std::vector<int64_t> groups;
  if (h5::has_companion(*file.file, file.group, "group_id")) {
    const h5::Dataset dataset(*file.file, h5::join(file.group, "group_id"));
    check<DataError>(dataset.rows() == rows, "{}: {} rows; expected {}", dataset.label(),
                     dataset.rows(), rows);
    groups = integers(dataset);
  }
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t member = groups.empty() ? first + row : groups[static_cast<std::size_t>(row)];
    const uint64_t word = key({split_seed, source, static_cast<uint64_t>(member)});
    const double draw = static_cast<double>(word >> 11) * 0x1.0p-53;
    if (draw >= plan.begin && draw < plan.end) marked[static_cast<std::size_t>(first + row)] = true;
  }
}

}  // namespace

RowSelection select_rows(const SplitPlan& plan, const std::vector<OpenFile>& files,
                         const H5Table& table, int64_t split_seed, const std::string& source) {
  using Kind = SplitPlan::Kind;
  if (plan.kind == Kind::kAll || plan.kind == Kind::kGroup) return RowSelection(table.rows());
  std::vector<bool> marked(static_cast<std::size_t>(table.rows()), false);
  for (std::size_t f = 0; f < files.size(); ++f) {
    const int64_t first = table.part_begin()[f];
    const int64_t rows = table.part_begin()[f + 1] - first;
    if (plan.kind == Kind::kIndex) mark_index(plan, files[f], first, rows, marked);
    if (plan.kind == Kind::kFraction)
      mark_fraction(plan, files[f], first, rows, static_cast<uint64_t>(split_seed),
                    name_key(source), marked);
  }
  RowSelection selection(marked);
  check<DataError>(selection.count() > 0, "{}: split {} has no rows", files[0].file->path(),
                   plan.name);
  return selection;
}

}  // namespace trunkline
