#include "trunkline/h5/listing.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/element_type.hpp"
#include "trunkline/h5/location.hpp"
#include "trunkline/h5/storage.hpp"

namespace trunkline::h5 {
namespace {

constexpr std::size_t kMaxListed = 20;

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

// Which object a path leads to, as its address in the file.
haddr_t address(const File& file, const std::string& path) {
  const Handle access = link_access();
  H5O_info_t info = {};
  const herr_t status =
      H5Oget_info_by_name2(file.id(), path.c_str(), &info, H5O_INFO_BASIC, access.get());
  check_status(status, file.path() + ":" + path + ": the object cannot be read");
  return info.addr;
}

void walk(const File& file, const std::string& group, std::set<haddr_t>& visited,
          std::vector<std::string>& datasets) {
  for (const std::string& name : names_in(file, group)) {
    const std::string path = join(group, name);
    const ObjectKind kind = object_kind(file, path);
    if (kind != ObjectKind::kGroup && kind != ObjectKind::kDataset) continue;
    if (!visited.insert(address(file, path)).second) continue;
    if (kind == ObjectKind::kDataset) datasets.push_back(path);
    if (kind == ObjectKind::kGroup) walk(file, path, visited, datasets);
  }
}

std::string entry_text(const File& file, const std::string& group, const std::string& name) {
  const std::string path = join(group, name);
  const ObjectKind kind = object_kind(file, path);
  if (kind == ObjectKind::kGroup) return name + "/ (group)";
  if (kind == ObjectKind::kExternalLink) return name + " (external link)";
  if (kind != ObjectKind::kDataset) return name + " (not a data set)";
  const Handle access = link_access();
  const Handle object(H5Oopen(file.id(), path.c_str(), access.get()), H5Oclose,
                      file.path() + ":" + path + ": cannot be opened");
  const Handle type(H5Dget_type(object.get()), H5Tclose, path + ": its type cannot be read");
  return fmt::format("{} {} {}", name, shape_text(shape_of(object.get())), type_name(type.get()));
}

}  // namespace

bool link_exists(const File& file, const std::string& path) {
  const Handle access = link_access();
  for (std::size_t cut = path.find('/', 1);; cut = path.find('/', cut + 1)) {
    const std::string part = path.substr(0, cut);
    if (part != "/" && H5Lexists(file.id(), part.c_str(), access.get()) <= 0) return false;
    if (cut == std::string::npos) return true;
  }
}

ObjectKind object_kind(const File& file, const std::string& path) {
  if (!link_exists(file, path)) return ObjectKind::kMissing;
  const Handle access = link_access();
  H5L_info_t link = {};
  if (path != "/" && H5Lget_info(file.id(), path.c_str(), &link, access.get()) >= 0 &&
      link.type == H5L_TYPE_EXTERNAL)
    return ObjectKind::kExternalLink;
  const hid_t id = H5Oopen(file.id(), path.c_str(), access.get());
  if (id < 0) return ObjectKind::kUnreachable;
  const Handle object(id, H5Oclose, path);
  switch (H5Iget_type(id)) {
    case H5I_GROUP:
      return ObjectKind::kGroup;
    case H5I_DATASET:
      return ObjectKind::kDataset;
    default:
      return ObjectKind::kOther;
  }
}

std::vector<std::string> names_in(const File& file, const std::string& group) {
  const Handle access = link_access();
  std::vector<std::string> names;
  hsize_t index = 0;
  check_status(H5Literate_by_name(file.id(), group.c_str(), H5_INDEX_NAME, H5_ITER_NATIVE, &index,
                                  collect_name, &names, access.get()),
               file.path() + ":" + group + ": the group cannot be listed");
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> datasets_below(const File& file, const std::string& group) {
  std::set<haddr_t> visited = {address(file, group)};
  std::vector<std::string> datasets;
  walk(file, group, visited, datasets);
  return datasets;
}

std::string listing_text(const File& file, const std::string& group) {
  std::vector<std::string> entries;
  for (const std::string& name : names_in(file, group)) {
    if (entries.size() == kMaxListed) {
      entries.emplace_back("…");
      break;
    }
    entries.push_back(entry_text(file, group, name));
  }
  return entries.empty() ? "nothing" : fmt::format("{}", fmt::join(entries, ", "));
}

std::string shape_text(const std::vector<int64_t>& shape) {
  return fmt::format("({})", fmt::join(shape, ","));
}

}  // namespace trunkline::h5
