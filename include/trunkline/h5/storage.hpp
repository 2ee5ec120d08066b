// How a data set is laid out in its file, and whether it can be read safely.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <vector>

namespace trunkline::h5 {

struct Storage {
  enum class Layout { kCompact, kContiguous, kChunked, kVirtual };
  struct Filter {
    int id = 0;
    std::string name;        ///< "gzip", "zstd", …; "unknown" where nobody knows
    bool available = false;  ///< this build can undo it
  };

  Layout layout = Layout::kContiguous;
  std::vector<int64_t> chunk;   ///< extents of a chunk; empty unless chunked
  std::vector<Filter> filters;  ///< in the order of writing
  int64_t element_bytes = 1;
  int64_t stored_bytes = 0;  ///< in the file
  int64_t raw_bytes = 0;     ///< decoded
  int external_files = 0;    ///< raw files outside the HDF5 file
};

/// "contiguous", "chunked", "compact", "virtual"
std::string layout_name(Storage::Layout layout);

/// Extents of a data set; empty for a scalar and for a null dataspace. IoThread only.
/// @throws DataError if the number of bytes does not fit 63 bits
std::vector<int64_t> shape_of(hid_t dataset);

/// IoThread only.
Storage storage_of(hid_t dataset);

/// Refuses what the library would read wrongly or not at all: virtual data sets, external raw
/// files, filters that this build lacks, chunks beyond 256 MiB, sizes that are absurd beside what
/// is stored.
/// @param label "FILE:/dataset", the start of the message   @throws DataError
void check_storage(const Storage& storage, const std::string& label);

/// Refuses data that were declared but never written: the library would read them as zeros.
/// @throws DataError naming the first such rows
void check_written(hid_t dataset, const Storage& storage, const std::vector<int64_t>& shape,
                   const std::string& label);

}  // namespace trunkline::h5
