// Which HDF5 library this is, and what it can read.
#pragma once

#include <string>
#include <vector>

namespace trunkline::h5 {

/// "1.10.8"
std::string library_version();

/// Of the filters that we read (gzip, shuffle, fletcher32), those that this library lacks.
std::vector<std::string> missing_filters();

}  // namespace trunkline::h5
