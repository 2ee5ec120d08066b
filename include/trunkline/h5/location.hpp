// Where a source's data are: files and a group inside them, as users write them in a config.
#pragma once

#include <string>
#include <vector>

namespace trunkline::h5 {

/// A group of a file.
struct Location {
  std::string path;         ///< bytes: spaces, UTF-8 and # are legal
  std::string group = "/";  ///< absolute
  bool operator==(const Location&) const = default;
};

/// Resolves PATH, PATH#/GROUP, globs, and lists of these, in the order given; matches of one glob
/// in bytewise order. A string that names an existing file is that file, whatever it contains;
/// otherwise it is cut at the last "#/". Whether a plain path exists is found out on opening.
/// @throws DataError for a glob without match, or an empty list
std::vector<Location> resolve_locations(const std::vector<std::string>& specifications);

/// "/a" + "x" = "/a/x"; "/" + "x" = "/x".
std::string join(const std::string& group, const std::string& name);

}  // namespace trunkline::h5
