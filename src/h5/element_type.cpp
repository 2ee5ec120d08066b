#include "trunkline/h5/element_type.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/handle.hpp"

namespace trunkline::h5 {
namespace {

constexpr int kMaxEnumerators = 65536;

struct Predefined {
  hid_t id;
  DType type;
  bool big_endian;
};

std::array<Predefined, 20> predefined() {
  return {{{H5T_STD_U8LE, DType::kU8, false},    {H5T_STD_U8BE, DType::kU8, false},
           {H5T_STD_I8LE, DType::kI8, false},    {H5T_STD_I8BE, DType::kI8, false},
           {H5T_STD_U16LE, DType::kU16, false},  {H5T_STD_U16BE, DType::kU16, true},
           {H5T_STD_I16LE, DType::kI16, false},  {H5T_STD_I16BE, DType::kI16, true},
           {H5T_STD_U32LE, DType::kU32, false},  {H5T_STD_U32BE, DType::kU32, true},
           {H5T_STD_I32LE, DType::kI32, false},  {H5T_STD_I32BE, DType::kI32, true},
           {H5T_STD_U64LE, DType::kU64, false},  {H5T_STD_U64BE, DType::kU64, true},
           {H5T_STD_I64LE, DType::kI64, false},  {H5T_STD_I64BE, DType::kI64, true},
           {H5T_IEEE_F32LE, DType::kF32, false}, {H5T_IEEE_F32BE, DType::kF32, true},
           {H5T_IEEE_F64LE, DType::kF64, false}, {H5T_IEEE_F64BE, DType::kF64, true}}};
}

// IEEE half precision, which HDF5 1.10 has no name for.
Handle half(hid_t single) {
  Handle type(H5Tcopy(single), H5Tclose, "H5Tcopy failed");
  check_status(H5Tset_fields(type.get(), 15, 10, 5, 0, 10), "H5Tset_fields failed");
  check_status(H5Tset_size(type.get(), 2), "H5Tset_size failed");
  check_status(H5Tset_ebias(type.get(), 15), "H5Tset_ebias failed");
  return type;
}

DType delivered_as(DType stored) {
  if (stored == DType::kU16) return DType::kI32;
  return stored == DType::kU32 || stored == DType::kU64 ? DType::kI64 : stored;
}

std::optional<ElementType> number_type(hid_t type) {
  for (const Predefined& known : predefined())
    if (H5Tequal(type, known.id) > 0)
      return ElementType{known.type, delivered_as(known.type), known.big_endian, false, {}};
  for (const bool big_endian : {false, true})
    if (H5Tequal(type, half(big_endian ? H5T_IEEE_F32BE : H5T_IEEE_F32LE).get()) > 0)
      return ElementType{DType::kF16, DType::kF16, big_endian, false, {}};
  return std::nullopt;
}

std::pair<int64_t, std::string> enumerator(hid_t type, unsigned index, const ElementType& base) {
  std::array<std::byte, 8> stored = {}, value = {};
  check_status(H5Tget_member_value(type, index, stored.data()), "H5Tget_member_value failed");
  deliver(base, stored.data(), value.data(), 1);
  char* name = H5Tget_member_name(type, index);
  std::pair<int64_t, std::string> member = {
      static_cast<int64_t>(as_doubles(base.delivered, value.data(), 1)[0]), name ? name : ""};
  H5free_memory(name);
  return member;
}

std::optional<ElementType> enum_type(hid_t type) {
  const Handle base(H5Tget_super(type), H5Tclose, "H5Tget_super failed");
  auto element = number_type(base.get());
  const int members = H5Tget_nmembers(type);
  if (!element || is_float(element->stored) || members <= 0 || members > kMaxEnumerators)
    return std::nullopt;
  for (int i = 0; i < members; ++i)
    element->enumerators.push_back(enumerator(type, static_cast<unsigned>(i), *element));
  std::ranges::sort(element->enumerators);
  const std::vector<std::pair<int64_t, std::string>> boolean = {{0, "FALSE"}, {1, "TRUE"}};
  if (element->stored == DType::kI8 && element->enumerators == boolean)
    return ElementType{DType::kI8, DType::kU8, false, true, {}};
  return element;
}

std::string class_name(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_STRING:
      return H5Tis_variable_str(type) > 0 ? "variable-length string" : "fixed-length string";
    case H5T_COMPOUND:
      return H5Tget_nmembers(type) == 2 ? "compound or complex" : "compound";
    case H5T_VLEN:
      return "variable-length";
    case H5T_OPAQUE:
      return "opaque";
    case H5T_REFERENCE:
      return "reference";
    case H5T_BITFIELD:
      return "bit field";
    case H5T_TIME:
      return "time";
    case H5T_ARRAY:
      return "array";
    case H5T_ENUM:
      return "enum of an unusual integer";
    case H5T_INTEGER:
      return "unusual integer";
    case H5T_FLOAT:
      return H5Tget_size(type) == 2 ? "bfloat16 or an unusual float" : "unusual float";
    default:
      return "unknown type";
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

}  // namespace

std::optional<ElementType> element_type(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  if (kind == H5T_INTEGER || kind == H5T_FLOAT) return number_type(type);
  return kind == H5T_ENUM ? enum_type(type) : std::nullopt;
}

std::string type_name(hid_t type) {
  const auto element = element_type(type);
  if (!element) return class_name(type);
  if (element->boolean) return "bool";
  std::string number = lower(name_of(element->stored)) + (element->big_endian ? " big-endian" : "");
  if (element->enumerators.empty()) return number;
  return fmt::format("enum of {} ({})", element->enumerators.size(), number);
}

}  // namespace trunkline::h5
