// Small HDF5 files for tests, written with the C library.
#pragma once

#include <gtest/gtest.h>
#include <hdf5.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

namespace trunkline::test {

/// A folder that goes away with its owner.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "trunkline_XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  /// A file that holds some text.
  std::string text(const std::string& name, const std::string& content) const {
    std::ofstream(*this / name, std::ios::binary) << content;
    return *this / name;
  }

 private:
  std::string path_;
};

using Shape = std::vector<hsize_t>;

template <class T>
hid_t native_type() {
  if constexpr (std::is_same_v<T, uint8_t>) return H5T_NATIVE_UINT8;
  if constexpr (std::is_same_v<T, int8_t>) return H5T_NATIVE_INT8;
  if constexpr (std::is_same_v<T, uint16_t>) return H5T_NATIVE_UINT16;
  if constexpr (std::is_same_v<T, int32_t>) return H5T_NATIVE_INT32;
  if constexpr (std::is_same_v<T, uint32_t>) return H5T_NATIVE_UINT32;
  if constexpr (std::is_same_v<T, int64_t>) return H5T_NATIVE_INT64;
  if constexpr (std::is_same_v<T, uint64_t>) return H5T_NATIVE_UINT64;
  if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
  if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
}

struct DatasetOptions {
  Shape chunk = {};      ///< empty: contiguous
  int gzip = 0;          ///< level
  hid_t file_type = -1;  ///< as stored; the native type if negative
  bool written = true;   ///< false: only declared
};

/// A new file; groups of a path are created as needed. Closed by the destructor.
class H5Writer {
 public:
  explicit H5Writer(const std::string& path)
      : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)),
        links_(H5Pcreate(H5P_LINK_CREATE)) {
    H5Pset_create_intermediate_group(links_, 1);
  }
  ~H5Writer() {
    H5Pclose(links_);
    H5Fclose(file_);
  }
  H5Writer(const H5Writer&) = delete;
  H5Writer& operator=(const H5Writer&) = delete;

  hid_t id() const { return file_; }

  void group(const std::string& path) {
    H5Gclose(H5Gcreate2(file_, path.c_str(), links_, H5P_DEFAULT, H5P_DEFAULT));
  }

  template <class T>
  H5Writer& write(const std::string& path, const Shape& shape, const std::vector<T>& values,
                  DatasetOptions options = {}) {
    const hid_t type = options.file_type < 0 ? native_type<T>() : options.file_type;
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    if (!options.chunk.empty())
      H5Pset_chunk(creation, static_cast<int>(options.chunk.size()), options.chunk.data());
    if (options.gzip > 0) H5Pset_deflate(creation, static_cast<unsigned>(options.gzip));
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file_, path.c_str(), type, space, links_, creation, H5P_DEFAULT);
    if (options.written)
      H5Dwrite(set, native_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(creation);
    return *this;
  }

  /// A data set of one number per row.
  template <class T>
  H5Writer& column(const std::string& path, const std::vector<T>& values,
                   DatasetOptions options = {}) {
    return write(path, {values.size()}, values, options);
  }

  H5Writer& text(const std::string& path, const std::string& name, const std::string& value) {
    return texts(path, name, {value});
  }

  H5Writer& texts(const std::string& path, const std::string& name,
                  const std::vector<std::string>& values) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    std::vector<const char*> pointers;
    for (const std::string& value : values) pointers.push_back(value.c_str());
    attribute(path, name, type, values.size(), pointers.data());
    H5Tclose(type);
    return *this;
  }

  H5Writer& number(const std::string& path, const std::string& name, double value) {
    attribute(path, name, H5T_NATIVE_DOUBLE, 1, &value);
    return *this;
  }

 private:
  void attribute(const std::string& path, const std::string& name, hid_t type, hsize_t count,
                 const void* values) {
    const hid_t object = H5Oopen(file_, path.c_str(), H5P_DEFAULT);
    const hid_t space = H5Screate_simple(1, &count, nullptr);
    const hid_t attribute = H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, type, values);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Oclose(object);
  }

  hid_t file_, links_;
};

/// first, first + 1, …
template <class T>
std::vector<T> counting(std::size_t count, T first = 0) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

/// What an action throws; empty if it throws nothing.
inline std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace trunkline::test
