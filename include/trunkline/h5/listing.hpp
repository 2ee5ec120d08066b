// What a file holds: its objects by name, for lookups and for messages that say what is there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/h5/file.hpp"

namespace trunkline::h5 {

enum class ObjectKind {
  kMissing,  ///< no link of that name
  kGroup,
  kDataset,
  kOther,         ///< a named type
  kUnreachable,   ///< a link that leads nowhere
  kExternalLink,  ///< leads to another file; never followed
};

/// What a path of a file leads to; external links are not followed. IoThread only.
ObjectKind object_kind(const File& file, const std::string& path);
bool link_exists(const File& file, const std::string& path);

/// Names of the links of a group in bytewise order. IoThread only.
std::vector<std::string> names_in(const File& file, const std::string& group);

/// Absolute paths of all data sets below a group, each object once, however often it is linked and
/// whatever cycles the groups form. IoThread only.
std::vector<std::string> datasets_below(const File& file, const std::string& group);

/// "x (100,3,8,8) u8, y (100) i64, train/ (group)" for messages; at most 20 entries. IoThread only.
std::string listing_text(const File& file, const std::string& group);

/// "(100,3,8,8)"; "()" for a scalar.
std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace trunkline::h5
