// One line of the inspection of a file.
#pragma once

#include <string>

#include "trunkline/data/inspect.hpp"
#include "trunkline/h5/file.hpp"

namespace trunkline {

/// Describes one data set; what is wrong with it is reported, not thrown. IoThread only.
DatasetReport report_dataset(const h5::File& file, const std::string& path);

}  // namespace trunkline
