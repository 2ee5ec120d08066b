// Attributes of a data set or group. Sizes come from the file, so they are capped before they are
// believed. IoThread only.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::h5 {

/// Every function returns nothing if the attribute does not exist.
/// @param label "FILE:/object", the start of messages
/// @throws DataError if it is of another type, not a scalar where one is expected, or absurdly
/// large
std::optional<std::string> text_attribute(hid_t object, const std::string& name,
                                          const std::string& label);
std::optional<std::vector<std::string>> texts_attribute(hid_t object, const std::string& name,
                                                        const std::string& label);
std::optional<double> number_attribute(hid_t object, const std::string& name,
                                       const std::string& label);
std::optional<std::vector<double>> numbers_attribute(hid_t object, const std::string& name,
                                                     const std::string& label);

}  // namespace trunkline::h5
