#include "trunkline/h5/location.hpp"

#include <glob.h>

#include <algorithm>
#include <filesystem>

#include "trunkline/core/error.hpp"

namespace trunkline::h5 {
namespace {

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Location split(const std::string& specification) {
  const std::size_t cut = specification.rfind("#/");
  if (exists(specification) || cut == std::string::npos) return {specification, "/"};
  Location location{specification.substr(0, cut), specification.substr(cut + 1)};
  while (location.group.size() > 1 && location.group.back() == '/') location.group.pop_back();
  return location;
}

bool is_glob(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

std::vector<std::string> matches(const std::string& pattern) {
  glob_t found = {};
  const int status = glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<std::string> paths;
  if (status == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

std::vector<Location> resolve_locations(const std::vector<std::string>& specifications) {
  check<DataError>(!specifications.empty(),
                   "no file is given; expected PATH, PATH#/GROUP or a glob");
  std::vector<Location> locations;
  for (const std::string& specification : specifications) {
    const Location location = split(specification);
    if (exists(location.path) || !is_glob(location.path)) {
      locations.push_back(location);
      continue;
    }
    const std::vector<std::string> paths = matches(location.path);
    check<DataError>(!paths.empty(), "{}: no file matches; check the path and the pattern",
                     location.path);
    for (const std::string& path : paths) locations.push_back({path, location.group});
  }
  return locations;
}

std::string join(const std::string& group, const std::string& name) {
  return group.ends_with('/') ? group + name : group + "/" + name;
}

}  // namespace trunkline::h5
