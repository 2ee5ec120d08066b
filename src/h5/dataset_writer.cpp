#include "trunkline/h5/dataset_writer.hpp"

#include <algorithm>
#include <array>

#include "created.hpp"

namespace trunkline::h5 {
namespace {

constexpr int64_t kBlockBytes = 1 << 20;

// Our types are little endian on disk and in memory; the library swaps on other machines.
struct ElementType {
  hid_t file, memory;
};

ElementType element_type(DType type) {
  switch (type) {
    case DType::kU8:
      return {H5T_STD_U8LE, H5T_NATIVE_UINT8};
    case DType::kI8:
      return {H5T_STD_I8LE, H5T_NATIVE_INT8};
    case DType::kU16:
      return {H5T_STD_U16LE, H5T_NATIVE_UINT16};
    case DType::kI16:
      return {H5T_STD_I16LE, H5T_NATIVE_INT16};
    case DType::kU32:
      return {H5T_STD_U32LE, H5T_NATIVE_UINT32};
    case DType::kI32:
      return {H5T_STD_I32LE, H5T_NATIVE_INT32};
    case DType::kU64:
      return {H5T_STD_U64LE, H5T_NATIVE_UINT64};
    case DType::kI64:
      return {H5T_STD_I64LE, H5T_NATIVE_INT64};
    case DType::kF32:
      return {H5T_IEEE_F32LE, H5T_NATIVE_FLOAT};
    case DType::kF64:
      return {H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE};
    default:
      throw BugError("a data set of " + std::string(name_of(type)) + " cannot be written");
  }
}

std::vector<hsize_t> extents(int64_t rows, const std::vector<int64_t>& row_shape) {
  std::vector<hsize_t> all = {static_cast<hsize_t>(rows)};
  all.insert(all.end(), row_shape.begin(), row_shape.end());
  return all;
}

Handle creation_list(const DatasetLayout& layout, const std::vector<int64_t>& chunk,
                     const std::string& what) {
  Handle list = created(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, what);
  const std::vector<hsize_t> shape(chunk.begin(), chunk.end());
  // No time stamps, and the unused part of the last chunk is zero: equal input, equal bytes.
  bool set = H5Pset_obj_track_times(list.get(), false) >= 0 &&
             H5Pset_fill_time(list.get(), H5D_FILL_TIME_ALLOC) >= 0 &&
             H5Pset_chunk(list.get(), static_cast<int>(shape.size()), shape.data()) >= 0;
  if (layout.gzip > 0) set = set && H5Pset_deflate(list.get(), unsigned(layout.gzip)) >= 0;
  if (layout.fletcher32) set = set && H5Pset_fletcher32(list.get()) >= 0;
  check_written(set, what);
  return list;
}

// Whole chunks are written once, so a cache of chunks would only copy them.
Handle access_list(const std::string& what) {
  Handle list = created(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, what);
  check_written(H5Pset_chunk_cache(list.get(), H5D_CHUNK_CACHE_NSLOTS_DEFAULT, 0,
                                   H5D_CHUNK_CACHE_W0_DEFAULT) >= 0,
                what);
  return list;
}

Handle link_list(const std::string& what) {
  Handle list = created(H5Pcreate(H5P_LINK_CREATE), H5Pclose, what);
  check_written(H5Pset_create_intermediate_group(list.get(), 1) >= 0, what);
  return list;
}

Handle create_dataset(hid_t file, const DatasetLayout& layout, const std::vector<int64_t>& chunk,
                      const std::string& what) {
  const std::vector<hsize_t> shape = extents(layout.rows, layout.row_shape);
  const Handle space =
      created(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), {}), H5Sclose, what);
  const Handle links = link_list(what), creation = creation_list(layout, chunk, what),
               access = access_list(what);
  return created(H5Dcreate2(file, layout.name.c_str(), element_type(layout.dtype).file, space.get(),
                            links.get(), creation.get(), access.get()),
                 H5Dclose, what);
}

// Whole chunks, as many as fit the block, at least one.
int64_t block_rows(int64_t chunk_rows, int64_t bytes_per_row) {
  return chunk_rows * std::max<int64_t>(1, kBlockBytes / (chunk_rows * bytes_per_row));
}

}  // namespace

int64_t row_bytes(const DatasetLayout& layout) {
  auto bytes = static_cast<int64_t>(size_of(layout.dtype));
  for (const int64_t extent : layout.row_shape) bytes *= extent;
  return bytes;
}

std::vector<int64_t> row_chunk(const DatasetLayout& layout) {
  const int64_t height = std::max<int64_t>(1, kBlockBytes / row_bytes(layout));
  std::vector<int64_t> chunk = {std::min(height, layout.rows)};
  chunk.insert(chunk.end(), layout.row_shape.begin(), layout.row_shape.end());
  return chunk;
}

DatasetWriter::DatasetWriter(hid_t file, const DatasetLayout& layout, IoThread& io,
                             const std::string& what)
    : layout_(layout), io_(io), what_(what) {
  ensure(layout.rows > 0 && row_bytes(layout) > 0, "a data set needs rows of at least one element");
  const std::vector<int64_t> chunk = layout.chunk.empty() ? row_chunk(layout) : layout.chunk;
  ensure(chunk.size() == layout.row_shape.size() + 1,
         "a chunk has as many extents as its data set");
  row_bytes_ = static_cast<std::size_t>(row_bytes(layout));
  block_bytes_ = static_cast<std::size_t>(block_rows(chunk[0], row_bytes(layout))) * row_bytes_;
  errno = 0;
  dataset_ = create_dataset(file, layout, chunk, what);
}

void DatasetWriter::attribute(const std::string& name, const AttributeValue& value) {
  io_.run([&] { write_attribute(dataset_.get(), name, value, what_); });
}

void DatasetWriter::append_bytes(std::span<const std::byte> rows) {
  ensure(rows.size() % row_bytes_ == 0, "appended bytes are not whole rows");
  const std::size_t announced = static_cast<std::size_t>(layout_.rows - written_) * row_bytes_;
  check<BugError>(pending_.size() + rows.size() <= announced, "{}: more than the {} rows announced",
                  what_, layout_.rows);
  while (!rows.empty()) {
    const auto part = rows.first(std::min(rows.size(), block_bytes_ - pending_.size()));
    pending_.insert(pending_.end(), part.begin(), part.end());
    rows = rows.subspan(part.size());
    if (pending_.size() == block_bytes_) write_pending();
  }
}

void DatasetWriter::write_pending() {
  const std::vector<hsize_t> count =
      extents(static_cast<int64_t>(pending_.size() / row_bytes_), layout_.row_shape);
  std::vector<hsize_t> start(count.size(), 0);
  start[0] = static_cast<hsize_t>(written_);
  io_.run([&] {
    errno = 0;
    const Handle memory = created(
        H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose, what_);
    const Handle file = created(H5Dget_space(dataset_.get()), H5Sclose, what_);
    check_written(H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, start.data(), nullptr,
                                      count.data(), nullptr) >= 0 &&
                      H5Dwrite(dataset_.get(), element_type(layout_.dtype).memory, memory.get(),
                               file.get(), H5P_DEFAULT, pending_.data()) >= 0,
                  what_);
  });
  written_ += static_cast<int64_t>(count[0]);
  pending_.clear();
}

void DatasetWriter::complete() {
  if (!pending_.empty()) write_pending();
  check<BugError>(written_ == layout_.rows, "{}: {} of {} rows were appended", what_, written_,
                  layout_.rows);
}

}  // namespace trunkline::h5
