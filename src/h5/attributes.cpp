#include "trunkline/h5/attributes.hpp"

#include <cstring>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/element_type.hpp"
#include "trunkline/h5/handle.hpp"

namespace trunkline::h5 {
namespace {

constexpr hssize_t kMaxElements = 65536;
constexpr std::size_t kMaxBytes = std::size_t{4} << 20;

// An attribute that exists: its type and number of elements.
class Attribute {
 public:
  Attribute(hid_t object, const std::string& name, const std::string& label)
      : what_(label + ": attribute " + name),
        handle_(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, what_ + " cannot be read"),
        type_(H5Aget_type(handle_.get()), H5Tclose, what_ + " has no readable type"),
        space_(H5Aget_space(handle_.get()), H5Sclose, what_ + " has no readable shape") {
    const hssize_t elements = H5Sget_simple_extent_npoints(space_.get());
    check<DataError>(elements >= 0 && elements <= kMaxElements &&
                         H5Tget_size(type_.get()) <= kMaxBytes / std::max<hssize_t>(1, elements),
                     "{} is too large", what_);
    count_ = static_cast<std::size_t>(elements);
  }

  std::vector<double> numbers() const {
    const auto type = element_type(type_.get());
    check<DataError>(type.has_value(), "{} is of type {}; expected numbers", what_,
                     type_name(type_.get()));
    const std::vector<std::byte> stored = bytes();
    std::vector<std::byte> delivered(count_ * size_of(type->delivered));
    deliver(*type, stored.data(), delivered.data(), count_);
    return as_doubles(type->delivered, delivered.data(), count_);
  }

  std::vector<std::string> texts() const {
    check<DataError>(H5Tget_class(type_.get()) == H5T_STRING, "{} is of type {}; expected text",
                     what_, type_name(type_.get()));
    return H5Tis_variable_str(type_.get()) > 0 ? variable_texts() : fixed_texts();
  }

  const std::string& what() const { return what_; }

 private:
  std::vector<std::byte> bytes() const {
    std::vector<std::byte> stored(count_ * H5Tget_size(type_.get()));
    if (count_ > 0)
      check_status(H5Aread(handle_.get(), type_.get(), stored.data()), what_ + " cannot be read");
    return stored;
  }

  std::vector<std::string> fixed_texts() const {
    const std::size_t size = H5Tget_size(type_.get());
    const std::vector<std::byte> stored = bytes();
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count_; ++i) {
      const char* begin = reinterpret_cast<const char*>(stored.data()) + i * size;
      texts.emplace_back(begin, strnlen(begin, size));
    }
    return texts;
  }

  std::vector<std::string> variable_texts() const {
    std::vector<char*> pointers(count_, nullptr);
    if (count_ > 0)
      check_status(H5Aread(handle_.get(), type_.get(), pointers.data()), what_ + " cannot be read");
    std::vector<std::string> texts;
    for (const char* text : pointers) texts.emplace_back(text ? text : "");
    H5Dvlen_reclaim(type_.get(), space_.get(), H5P_DEFAULT, pointers.data());
    return texts;
  }

  std::string what_;
  Handle handle_, type_, space_;
  std::size_t count_ = 0;
};

bool exists(hid_t object, const std::string& name) { return H5Aexists(object, name.c_str()) > 0; }

template <class T>
T only(const std::vector<T>& values, const std::string& what) {
  check<DataError>(values.size() == 1, "{} has {} values; expected one", what, values.size());
  return values[0];
}

}  // namespace

std::optional<std::string> text_attribute(hid_t object, const std::string& name,
                                          const std::string& label) {
  if (!exists(object, name)) return std::nullopt;
  const Attribute attribute(object, name, label);
  return only(attribute.texts(), attribute.what());
}

std::optional<std::vector<std::string>> texts_attribute(hid_t object, const std::string& name,
                                                        const std::string& label) {
  if (!exists(object, name)) return std::nullopt;
  return Attribute(object, name, label).texts();
}

std::optional<double> number_attribute(hid_t object, const std::string& name,
                                       const std::string& label) {
  if (!exists(object, name)) return std::nullopt;
  const Attribute attribute(object, name, label);
  return only(attribute.numbers(), attribute.what());
}

std::optional<std::vector<double>> numbers_attribute(hid_t object, const std::string& name,
                                                     const std::string& label) {
  if (!exists(object, name)) return std::nullopt;
  return Attribute(object, name, label).numbers();
}

}  // namespace trunkline::h5
