// Attributes as our files carry them: text, numbers and lists of either.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace trunkline::h5 {

/// Text is stored as fixed-length UTF-8, integers as i64, numbers as f64; a list as one dimension.
using AttributeValue = std::variant<std::string, int64_t, double, std::vector<std::string>,
                                    std::vector<int64_t>, std::vector<double>>;

/// Creates an attribute of an open object. IoThread only.
/// @param value a list must not be empty
/// @throws CheckpointError with `what` (file and object) if the library fails, also if it exists
void write_attribute(hid_t object, const std::string& name, const AttributeValue& value,
                     const std::string& what);

}  // namespace trunkline::h5
