#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/handle.hpp"
#include "trunkline/h5/storage.hpp"

namespace trunkline::h5 {
namespace {

constexpr int64_t kMaxChunkBytes = int64_t{256} << 20;
constexpr int64_t kLargeBytes = int64_t{4} << 30;
constexpr int64_t kMaxRatio = 1000;

void check_chunk(const Storage& storage, const std::string& label) {
  int64_t bytes = storage.element_bytes;
  bool overflow = false;
  for (const int64_t extent : storage.chunk)
    overflow = overflow || __builtin_mul_overflow(bytes, extent, &bytes);
  check<DataError>(!overflow && bytes <= kMaxChunkBytes,
                   "{}: a chunk is larger than 256 MiB; repack it with smaller chunks", label);
}

// Steps through the chunks of a data set in storage order.
class ChunkCursor {
 public:
  ChunkCursor(const std::vector<int64_t>& shape, const std::vector<int64_t>& chunk)
      : shape_(shape), chunk_(chunk), offset_(shape.size(), 0) {}
  const std::vector<hsize_t>& offset() const { return offset_; }
  bool next() {
    for (std::size_t d = offset_.size(); d-- > 0;) {
      offset_[d] += static_cast<hsize_t>(chunk_[d]);
      if (offset_[d] < static_cast<hsize_t>(shape_[d])) return true;
      offset_[d] = 0;
    }
    return false;
  }

 private:
  const std::vector<int64_t>&shape_, &chunk_;
  std::vector<hsize_t> offset_;
};

int64_t chunk_count(const std::vector<int64_t>& shape, const std::vector<int64_t>& chunk) {
  int64_t count = 1;
  for (std::size_t d = 0; d < shape.size(); ++d) count *= (shape[d] + chunk[d] - 1) / chunk[d];
  return count;
}

// HDF5 1.10.8 fails for an absent chunk where later versions say 0.
bool is_written(hid_t dataset, const std::vector<hsize_t>& offset) {
  hsize_t bytes = 0;
  return H5Dget_chunk_storage_size(dataset, offset.data(), &bytes) >= 0 && bytes > 0;
}

int64_t written_chunks(hid_t dataset) {
  const Handle space(H5Dget_space(dataset), H5Sclose, "the shape of a data set cannot be read");
  hsize_t count = 0;
  return H5Dget_num_chunks(dataset, space.get(), &count) < 0 ? -1 : static_cast<int64_t>(count);
}

}  // namespace

void check_storage(const Storage& storage, const std::string& label) {
  check<DataError>(storage.layout != Storage::Layout::kVirtual,
                   "{}: virtual data sets are not read; copy it into one data set", label);
  check<DataError>(storage.external_files == 0,
                   "{}: its data lie in external raw files, which are not read", label);
  for (const Storage::Filter& filter : storage.filters)
    check<DataError>(filter.available,
                     "{}: filter {} ({}) is not in this build, which has gzip, shuffle and "
                     "fletcher32; rewrite it with one of these",
                     label, filter.id, filter.name);
  check_chunk(storage, label);
  check<DataError>(storage.raw_bytes <= kLargeBytes || storage.stored_bytes == 0 ||
                       storage.raw_bytes / storage.stored_bytes <= kMaxRatio,
                   "{}: {} bytes are declared but {} stored; not plausible", label,
                   storage.raw_bytes, storage.stored_bytes);
}

void check_written(hid_t dataset, const Storage& storage, const std::vector<int64_t>& shape,
                   const std::string& label) {
  if (storage.layout != Storage::Layout::kChunked) {
    check<DataError>(storage.stored_bytes > 0 || storage.raw_bytes == 0,
                     "{}: never written (it would be read as zeros)", label);
    return;
  }
  const int64_t written = written_chunks(dataset);
  if (written == chunk_count(shape, storage.chunk)) return;
  ChunkCursor cursor(shape, storage.chunk);
  while (is_written(dataset, cursor.offset()))
    if (!cursor.next()) return;
  const auto row = static_cast<int64_t>(cursor.offset()[0]);
  throw DataError(fmt::format(
      "{} rows {}-{}: chunk never written (it would be read as zeros); {} of {} chunks are there",
      label, row, std::min(row + storage.chunk[0], shape[0]) - 1, written,
      chunk_count(shape, storage.chunk)));
}

}  // namespace trunkline::h5
