#include "trunkline/h5/writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <utility>

#include "created.hpp"

namespace trunkline::h5 {
namespace {

namespace fs = std::filesystem;

std::string folder_of(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

void check_place(const std::string& path, bool force) {
  check<UsageError>(fs::is_directory(folder_of(path)), "{}: the folder {} does not exist", path,
                    folder_of(path));
  if (!fs::exists(path)) return;
  check<UsageError>(fs::is_regular_file(path), "{}: is no regular file and cannot be replaced",
                    path);
  check<UsageError>(force, "{}: exists already; --force replaces it", path);
}

// Asked first, because the system's reason is worth more than the library's.
void check_writable(const std::string& path) {
  errno = 0;
  check_written(::access(folder_of(path).c_str(), W_OK) == 0, path);
}

Handle create_file(const std::string& path) {
  errno = 0;
  const Handle creation = created(H5Pcreate(H5P_FILE_CREATE), H5Pclose, path);
  const Handle access = created(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, path);
  check_written(
      H5Pset_obj_track_times(creation.get(), false) >= 0 &&
          H5Pset_libver_bounds(access.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST) >= 0 &&
          H5Pset_file_locking(access.get(), true, true) >= 0,
      path);
  return created(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose,
                 path);
}

// To the disk: a file's content, or a folder's list of names.
void sync(const std::string& path) {
  errno = 0;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const std::string reason = system_reason();
  if (descriptor >= 0) ::close(descriptor);
  check<CheckpointError>(synced, "{}: cannot be written to the disk{}", path, reason);
}

}  // namespace

Writer::Writer(const std::string& path, bool force, std::shared_ptr<IoThread> io)
    : path_(path), temporary_(path + ".tmp"), io_(std::move(io)) {
  check_place(path_, force);
  check_writable(path_);
  io_->run([this] { file_ = create_file(temporary_); });
}

Writer::~Writer() {
  if (in_place_) return;
  io_->run([this] {
    datasets_.clear();
    file_ = Handle();
  });
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

DatasetWriter& Writer::create(const DatasetLayout& layout) {
  const std::string what = temporary_ + ":/" + layout.name;
  io_->run([&] {
    datasets_.push_back(std::make_unique<DatasetWriter>(file_.get(), layout, *io_, what));
  });
  return *datasets_.back();
}

void Writer::attribute(const std::string& object, const std::string& name,
                       const AttributeValue& value) {
  const std::string what = temporary_ + ":" + object;
  io_->run([&] {
    errno = 0;
    const Handle opened =
        created(H5Oopen(file_.get(), object.c_str(), H5P_DEFAULT), H5Oclose, what);
    write_attribute(opened.get(), name, value, what);
  });
}

int64_t Writer::finish() {
  for (const auto& dataset : datasets_) dataset->complete();
  io_->run([this] {
    datasets_.clear();
    errno = 0;
    check_written(H5Fflush(file_.get(), H5F_SCOPE_GLOBAL) >= 0, temporary_);
    check_written(H5Fclose(file_.release()) >= 0, temporary_);
  });
  sync(temporary_);
  errno = 0;
  check_written(std::rename(temporary_.c_str(), path_.c_str()) == 0, path_);
  in_place_ = true;
  sync(folder_of(path_));
  return static_cast<int64_t>(fs::file_size(path_));
}

}  // namespace trunkline::h5
