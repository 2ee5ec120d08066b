#include "trunkline/h5/dataset.hpp"

#include <numeric>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/listing.hpp"

namespace trunkline::h5 {
namespace {

std::string parent(const std::string& path) {
  const std::size_t cut = path.rfind('/');
  return cut == 0 || cut == std::string::npos ? "/" : path.substr(0, cut);
}

std::string there(const File& file, const std::string& path) {
  const std::string group = parent(path);
  if (object_kind(file, group) != ObjectKind::kGroup)
    return fmt::format("group {} does not exist", group);
  return fmt::format("{} has: {}", group, listing_text(file, group));
}

std::string link_target(const File& file, const std::string& path) {
  const Handle access = link_access();
  H5L_info_t info = {};
  constexpr std::size_t kMaxTarget = 4096;
  if (H5Lget_info(file.id(), path.c_str(), &info, access.get()) < 0 || info.u.val_size > kMaxTarget)
    return "?";
  std::vector<char> value(kMaxTarget + 1, '\0');
  if (H5Lget_val(file.id(), path.c_str(), value.data(), kMaxTarget, access.get()) < 0) return "?";
  if (info.type == H5L_TYPE_SOFT) return value.data();
  const char *target_file = nullptr, *target = nullptr;
  unsigned flags = 0;
  if (H5Lunpack_elink_val(value.data(), info.u.val_size, &flags, &target_file, &target) < 0)
    return "?";
  return fmt::format("{}:{}", target_file, target);
}

Handle open(const File& file, const std::string& path, const std::string& label) {
  switch (object_kind(file, path)) {
    case ObjectKind::kMissing:
      throw DataError(fmt::format("{}: no such data set; {}", label, there(file, path)));
    case ObjectKind::kExternalLink:
      throw DataError(fmt::format("{}: external link to {}; links to other files are not followed",
                                  label, link_target(file, path)));
    case ObjectKind::kUnreachable:
      throw DataError(
          fmt::format("{}: cannot be opened (link to {}): the link is dangling or leads "
                      "outside, or the header is damaged",
                      label, link_target(file, path)));
    case ObjectKind::kGroup:
      throw DataError(fmt::format("{}: is a group; expected a data set. It has: {}", label,
                                  listing_text(file, path)));
    case ObjectKind::kOther:
      throw DataError(fmt::format("{}: is not a data set", label));
    default:
      break;
  }
  const Handle access = dataset_access();
  return Handle(H5Dopen2(file.id(), path.c_str(), access.get()), H5Dclose,
                label + ": cannot be opened: damaged, or written by an HDF5 newer than 1.10");
}

ElementType accepted_type(hid_t type, const std::string& label) {
  const auto element = element_type(type);
  check<DataError>(element.has_value(),
                   "{}: type {} cannot be trained on; expected integers of 8 to 64 bits, f16, f32, "
                   "f64, bool or enum",
                   label, type_name(type));
  return *element;
}

}  // namespace

Dataset::Dataset(const File& file, const std::string& path, bool allow_fill)
    : label_(file.path() + ":" + path), handle_(open(file, path, label_)) {
  file_type_ = Handle(H5Dget_type(id()), H5Tclose, label_ + ": its type cannot be read");
  type_ = accepted_type(file_type_.get(), label_);
  shape_ = shape_of(id());
  check<DataError>(!shape_.empty(), "{}: is a scalar or null; expected rows", label_);
  check<DataError>(rows() > 0, "{}: 0 rows", label_);
  for (const int64_t extent : row_shape())
    check<DataError>(extent > 0, "{}: shape {} has a dimension of size 0", label_,
                     shape_text(shape_));
  row_elements_ =
      std::accumulate(shape_.begin() + 1, shape_.end(), int64_t{1}, std::multiplies<>());
  storage_ = storage_of(id());
  check_storage(storage_, label_);
  if (!allow_fill) check_written(id(), storage_, shape_, label_);
}

int64_t Dataset::row_bytes() const {
  return row_elements_ * static_cast<int64_t>(size_of(type_.delivered));
}

int64_t Dataset::stored_row_bytes() const {
  return row_elements_ * static_cast<int64_t>(size_of(type_.stored));
}

void Dataset::read(int64_t first, int64_t count, std::byte* out) const {
  ensure(first >= 0 && count >= 0 && first + count <= rows(), "rows outside of a data set");
  if (count == 0) return;
  if (is_verbatim(type_)) return read_stored(first, count, out);
  const auto elements = static_cast<std::size_t>(count * row_elements_);
  std::vector<std::byte> stored(elements * size_of(type_.stored));
  read_stored(first, count, stored.data());
  const auto above = deliver(type_, stored.data(), out, elements);
  check<DataError>(!above.has_value(), "{} row {}: a value above 2^63-1 is out of range", label_,
                   first + static_cast<int64_t>(above.value_or(0)) / row_elements_);
}

void Dataset::read_stored(int64_t first, int64_t count, std::byte* out) const {
  std::vector<hsize_t> start(shape_.size(), 0), extent(shape_.begin(), shape_.end());
  start[0] = static_cast<hsize_t>(first);
  extent[0] = static_cast<hsize_t>(count);
  const Handle file_space(H5Dget_space(id()), H5Sclose, label_ + ": its shape cannot be read");
  check_status(H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start.data(), nullptr,
                                   extent.data(), nullptr),
               label_ + ": rows cannot be selected");
  const Handle memory_space(
      H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr), H5Sclose,
      "H5Screate_simple failed");
  check<DataError>(
      H5Dread(id(), file_type_.get(), memory_space.get(), file_space.get(), H5P_DEFAULT, out) >= 0,
      "{} rows {}-{}: cannot be read: a checksum or filter failed, or the file is cut", label_,
      first, first + count - 1);
}

}  // namespace trunkline::h5
