// Files of these tests: a folder that goes away, idx files as MNIST has them, and reading back with
// nothing but the HDF5 library.
#pragma once

#include <gtest/gtest.h>
#include <hdf5.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace trunkline {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = std::filesystem::temp_directory_path() / "trunkline-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  std::string operator/(const std::string& name) const { return path_ / name; }
  std::string string() const { return path_; }
  bool empty() const { return std::filesystem::is_empty(path_); }

 private:
  std::filesystem::path path_;
};

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string idx_bytes(const std::vector<uint32_t>& shape, const std::string& elements) {
  std::string bytes = {0, 0, 8, static_cast<char>(shape.size())};
  for (const uint32_t extent : shape)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(extent >> shift & 255);
  return bytes + elements;
}

/// One data set or group, opened for reading.
class Opened {
 public:
  Opened(const std::string& path, const std::string& object)
      : file_(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)),
        object_(H5Oopen(file_, object.c_str(), H5P_DEFAULT)) {}
  ~Opened() {
    H5Oclose(object_);
    H5Fclose(file_);
  }
  hid_t id() const { return object_; }

 private:
  hid_t file_, object_;
};

inline std::vector<hsize_t> shape_of(const std::string& path, const std::string& dataset) {
  const Opened opened(path, dataset);
  const hid_t space = H5Dget_space(opened.id());
  std::vector<hsize_t> shape(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
  H5Sget_simple_extent_dims(space, shape.data(), nullptr);
  H5Sclose(space);
  return shape;
}

inline std::vector<hsize_t> chunk_of(const std::string& path, const std::string& dataset) {
  const Opened opened(path, dataset);
  const hid_t list = H5Dget_create_plist(opened.id());
  std::vector<hsize_t> chunk(8);
  chunk.resize(static_cast<std::size_t>(H5Pget_chunk(list, 8, chunk.data())));
  H5Pclose(list);
  return chunk;
}

/// All values as stored; the caller knows the type.
template <class T>
std::vector<T> values_of(const std::string& path, const std::string& dataset) {
  hsize_t count = 1;
  for (const hsize_t extent : shape_of(path, dataset)) count *= extent;
  const Opened opened(path, dataset);
  const hid_t type = H5Dget_type(opened.id());
  EXPECT_EQ(H5Tget_size(type), sizeof(T));
  std::vector<T> values(count);
  EXPECT_GE(H5Dread(opened.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  H5Tclose(type);
  return values;
}

inline bool has_attribute(const std::string& path, const std::string& object,
                          const std::string& name) {
  const Opened opened(path, object);
  return H5Aexists(opened.id(), name.c_str()) > 0;
}

/// The bytes of an attribute; text keeps its padding.
inline std::string attribute_bytes(const std::string& path, const std::string& object,
                                   const std::string& name) {
  const Opened opened(path, object);
  const hid_t attribute = H5Aopen(opened.id(), name.c_str(), H5P_DEFAULT);
  const hid_t type = H5Aget_type(attribute);
  std::string bytes(H5Aget_storage_size(attribute), '\0');
  EXPECT_GE(H5Aread(attribute, type, bytes.data()), 0);
  H5Tclose(type);
  H5Aclose(attribute);
  return bytes;
}

template <class T>
T number_attribute(const std::string& path, const std::string& object, const std::string& name) {
  const std::string bytes = attribute_bytes(path, object, name);
  T number{};
  EXPECT_EQ(bytes.size(), sizeof(T));
  bytes.copy(reinterpret_cast<char*>(&number), sizeof(T));
  return number;
}

inline bool exists_in(const std::string& path, const std::string& object) {
  const Opened root(path, "/");
  return H5Lexists(root.id(), object.c_str(), H5P_DEFAULT) > 0;
}

}  // namespace trunkline
