#include "trunkline/h5/storage.hpp"

#include <array>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/handle.hpp"

namespace trunkline::h5 {
namespace {

constexpr int kMaxFilters = 32;

std::string filter_name(int id) {
  constexpr std::array<std::pair<int, const char*>, 13> kNames = {{{1, "gzip"},
                                                                   {2, "shuffle"},
                                                                   {3, "fletcher32"},
                                                                   {4, "szip"},
                                                                   {5, "nbit"},
                                                                   {6, "scaleoffset"},
                                                                   {307, "bzip2"},
                                                                   {32000, "lzf"},
                                                                   {32001, "blosc"},
                                                                   {32004, "lz4"},
                                                                   {32008, "bitshuffle"},
                                                                   {32013, "zfp"},
                                                                   {32015, "zstd"}}};
  for (const auto& [known, name] : kNames)
    if (known == id) return name;
  return "unknown";
}

std::vector<Storage::Filter> filters_of(hid_t creation) {
  std::vector<Storage::Filter> filters;
  const int count = std::min(H5Pget_nfilters(creation), kMaxFilters);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    const int id = H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values, nullptr, 0,
                                  nullptr, &config);
    filters.push_back({id, filter_name(id), H5Zfilter_avail(id) > 0});
  }
  return filters;
}

std::vector<int64_t> chunk_of(hid_t creation) {
  std::array<hsize_t, H5S_MAX_RANK> extents = {};
  const int rank = H5Pget_chunk(creation, H5S_MAX_RANK, extents.data());
  check_status(rank, "H5Pget_chunk failed");
  return {extents.begin(), extents.begin() + rank};
}

Storage::Layout layout_of(hid_t creation) {
  switch (H5Pget_layout(creation)) {
    case H5D_COMPACT:
      return Storage::Layout::kCompact;
    case H5D_CONTIGUOUS:
      return Storage::Layout::kContiguous;
    case H5D_CHUNKED:
      return Storage::Layout::kChunked;
    default:
      return Storage::Layout::kVirtual;
  }
}

std::size_t element_bytes(hid_t dataset) {
  const Handle type(H5Dget_type(dataset), H5Tclose, "the type of a data set cannot be read");
  return H5Tget_size(type.get());
}

}  // namespace

std::string layout_name(Storage::Layout layout) {
  switch (layout) {
    case Storage::Layout::kCompact:
      return "compact";
    case Storage::Layout::kContiguous:
      return "contiguous";
    case Storage::Layout::kChunked:
      return "chunked";
    default:
      return "virtual";
  }
}

std::vector<int64_t> shape_of(hid_t dataset) {
  const Handle space(H5Dget_space(dataset), H5Sclose, "the shape of a data set cannot be read");
  std::array<hsize_t, H5S_MAX_RANK> extents = {};
  const int rank = H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
  check_status(rank, "the shape of a data set cannot be read");
  auto bytes = static_cast<int64_t>(element_bytes(dataset));
  std::vector<int64_t> shape;
  for (int i = 0; i < rank; ++i) {
    const auto extent = static_cast<int64_t>(extents.at(static_cast<std::size_t>(i)));
    check<DataError>(extent >= 0 && !__builtin_mul_overflow(bytes, extent, &bytes),
                     "a shape is too large: its bytes do not fit 63 bits");
    shape.push_back(extent);
  }
  return shape;
}

Storage storage_of(hid_t dataset) {
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose,
                        "the layout of a data set cannot be read");
  Storage storage;
  storage.layout = layout_of(creation.get());
  storage.external_files = H5Pget_external_count(creation.get());
  storage.filters = filters_of(creation.get());
  if (storage.layout == Storage::Layout::kChunked) storage.chunk = chunk_of(creation.get());
  storage.element_bytes = static_cast<int64_t>(element_bytes(dataset));
  storage.raw_bytes = storage.element_bytes;
  for (const int64_t extent : shape_of(dataset)) storage.raw_bytes *= extent;
  if (storage.layout != Storage::Layout::kVirtual)
    storage.stored_bytes = static_cast<int64_t>(H5Dget_storage_size(dataset));
  return storage;
}

}  // namespace trunkline::h5
