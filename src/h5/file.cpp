#include "trunkline/h5/file.hpp"

#include <filesystem>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/listing.hpp"

namespace trunkline::h5 {
namespace {

herr_t refuse_link(const char*, const char*, const char*, const char*, unsigned*, hid_t, void*) {
  return -1;
}

std::string checked(const std::string& path) {
  check_file(path);
  return path;
}

Handle without_external_links(Handle list) {
  check_status(H5Pset_elink_cb(list.get(), refuse_link, nullptr), "H5Pset_elink_cb failed");
  return list;
}

}  // namespace

Handle link_access() {
  return without_external_links(
      Handle(H5Pcreate(H5P_LINK_ACCESS), H5Pclose, "H5Pcreate failed for a link access list"));
}

Handle dataset_access() {
  Handle list(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, "H5Pcreate failed for a data set");
  check_status(
      H5Pset_chunk_cache(list.get(), H5D_CHUNK_CACHE_NSLOTS_DEFAULT, 0, H5D_CHUNK_CACHE_W0_DEFAULT),
      "H5Pset_chunk_cache failed");
  return without_external_links(std::move(list));
}

File::File(const std::string& path) : path_(checked(path)), watch_(path) {
  size_ = static_cast<int64_t>(std::filesystem::file_size(path));
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "H5Pcreate failed for a file");
  check_status(H5Pset_file_locking(access.get(), true, true), "H5Pset_file_locking failed");
  handle_ = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose,
                   path +
                       ": cannot be opened: its header is damaged, or its writer died (h5clear -s "
                       "may help)");
}

Handle open_group(const File& file, const std::string& group) {
  check<DataError>(link_exists(file, group), "{}:{}: no such group; the file has: {}", file.path(),
                   group, listing_text(file, "/"));
  check<DataError>(object_kind(file, group) == ObjectKind::kGroup,
                   "{}:{}: is not a group; name the group that holds the data sets", file.path(),
                   group);
  const Handle access = without_external_links(
      Handle(H5Pcreate(H5P_GROUP_ACCESS), H5Pclose, "H5Pcreate failed for a group"));
  return Handle(H5Gopen2(file.id(), group.c_str(), access.get()), H5Gclose,
                file.path() + ":" + group + ": the group cannot be opened");
}

}  // namespace trunkline::h5
