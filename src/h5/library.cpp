#include "trunkline/h5/library.hpp"

#include <fmt/format.h>
#include <hdf5.h>

#include <array>
#include <utility>

namespace trunkline::h5 {

std::string library_version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

std::vector<std::string> missing_filters() {
  constexpr std::array<std::pair<const char*, H5Z_filter_t>, 3> kFilters = {
      {{"gzip", H5Z_FILTER_DEFLATE},
       {"shuffle", H5Z_FILTER_SHUFFLE},
       {"fletcher32", H5Z_FILTER_FLETCHER32}}};
  std::vector<std::string> missing;
  for (const auto& [name, filter] : kFilters)
    if (H5Zfilter_avail(filter) <= 0) missing.emplace_back(name);
  return missing;
}

}  // namespace trunkline::h5
