#include "trunkline/h5/write_attribute.hpp"

#include <algorithm>

#include "created.hpp"

namespace trunkline::h5 {
namespace {

struct Target {
  hid_t object;
  const std::string& name;
  const std::string& what;
};

Handle scalar_space(const std::string& what) {
  return created(H5Screate(H5S_SCALAR), H5Sclose, what);
}

Handle list_space(std::size_t length, const std::string& what) {
  ensure(length > 0, "an attribute that is a list needs at least one element");
  const hsize_t extent = length;
  return created(H5Screate_simple(1, &extent, nullptr), H5Sclose, what);
}

void write(const Target& to, hid_t file_type, hid_t memory_type, const Handle& space,
           const void* values) {
  const Handle attribute = created(
      H5Acreate2(to.object, to.name.c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
      H5Aclose, to.what);
  check_written(H5Awrite(attribute.get(), memory_type, values) >= 0, to.what);
}

// Fixed length and zero-padded: variable-length text would cost a heap per file for nothing.
Handle text_type(std::size_t length, const std::string& what) {
  Handle type = created(H5Tcopy(H5T_C_S1), H5Tclose, what);
  check_written(H5Tset_size(type.get(), length) >= 0 &&
                    H5Tset_strpad(type.get(), H5T_STR_NULLPAD) >= 0 &&
                    H5Tset_cset(type.get(), H5T_CSET_UTF8) >= 0,
                what);
  return type;
}

void write_texts(const Target& to, const std::vector<std::string>& texts, const Handle& space) {
  std::size_t length = 1;  // the library has no text of length 0
  for (const std::string& text : texts) length = std::max(length, text.size());
  std::string padded;
  for (const std::string& text : texts) padded += text + std::string(length - text.size(), '\0');
  const Handle type = text_type(length, to.what);
  write(to, type.get(), type.get(), space, padded.data());
}

void write_value(const Target& to, const std::string& text) {
  write_texts(to, {text}, scalar_space(to.what));
}

void write_value(const Target& to, int64_t number) {
  write(to, H5T_STD_I64LE, H5T_NATIVE_INT64, scalar_space(to.what), &number);
}

void write_value(const Target& to, double number) {
  write(to, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, scalar_space(to.what), &number);
}

void write_value(const Target& to, const std::vector<std::string>& texts) {
  write_texts(to, texts, list_space(texts.size(), to.what));
}

void write_value(const Target& to, const std::vector<int64_t>& list) {
  write(to, H5T_STD_I64LE, H5T_NATIVE_INT64, list_space(list.size(), to.what), list.data());
}

void write_value(const Target& to, const std::vector<double>& list) {
  write(to, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, list_space(list.size(), to.what), list.data());
}

}  // namespace

void write_attribute(hid_t object, const std::string& name, const AttributeValue& value,
                     const std::string& what) {
  const std::string named = what + ", attribute " + name;
  std::visit([&](const auto& held) { write_value({object, name, named}, held); }, value);
}

}  // namespace trunkline::h5
