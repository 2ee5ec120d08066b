// Byte order and widening, by our own code: the library converts nothing.
#include <bit>
#include <cstdint>
#include <cstring>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/element_type.hpp"

namespace trunkline::h5 {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

uint8_t swapped(uint8_t v) { return v; }
uint16_t swapped(uint16_t v) { return __builtin_bswap16(v); }
uint32_t swapped(uint32_t v) { return __builtin_bswap32(v); }
uint64_t swapped(uint64_t v) { return __builtin_bswap64(v); }

// One pass over the elements: From as stored, To as delivered, both unsigned of their width.
template <class From, class To>
void convert(const std::byte* stored, std::byte* delivered, std::size_t count, bool swap) {
  for (std::size_t i = 0; i < count; ++i) {
    const From value = load<From>(stored + i * sizeof(From));
    const To wide = swap ? swapped(value) : value;
    std::memcpy(delivered + i * sizeof(To), &wide, sizeof(To));
  }
}

std::optional<std::size_t> first_above_i64(const std::byte* elements, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (load<int64_t>(elements + i * 8) < 0) return i;
  return std::nullopt;
}

template <class T>
std::vector<double> doubles(const std::byte* elements, std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = static_cast<double>(load<T>(elements + i * sizeof(T)));
  return values;
}

// Half precision to double, exact (IEEE 754 binary16).
double half_value(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double fraction = bits & 1023;
  const double sign = bits & 0x8000 ? -1.0 : 1.0;
  if (exponent == 31) return fraction == 0 ? sign * __builtin_inf() : __builtin_nan("");
  if (exponent == 0) return sign * __builtin_ldexp(fraction, -24);
  return sign * __builtin_ldexp(fraction + 1024, exponent - 25);
}

}  // namespace

bool is_verbatim(const ElementType& type) {
  return size_of(type.stored) == size_of(type.delivered) && !type.big_endian &&
         type.stored != DType::kU64;
}

std::optional<std::size_t> deliver(const ElementType& type, const std::byte* stored,
                                   std::byte* delivered, std::size_t count) {
  const bool swap = type.big_endian;
  if (type.stored == DType::kU16)
    convert<uint16_t, uint32_t>(stored, delivered, count, swap);
  else if (type.stored == DType::kU32)
    convert<uint32_t, uint64_t>(stored, delivered, count, swap);
  else if (size_of(type.stored) == 1)
    convert<uint8_t, uint8_t>(stored, delivered, count, swap);
  else if (size_of(type.stored) == 2)
    convert<uint16_t, uint16_t>(stored, delivered, count, swap);
  else if (size_of(type.stored) == 4)
    convert<uint32_t, uint32_t>(stored, delivered, count, swap);
  else
    convert<uint64_t, uint64_t>(stored, delivered, count, swap);
  return type.stored == DType::kU64 ? first_above_i64(delivered, count) : std::nullopt;
}

std::vector<double> as_doubles(DType type, const std::byte* elements, std::size_t count) {
  switch (type) {
    case DType::kBool:
    case DType::kU8:
      return doubles<uint8_t>(elements, count);
    case DType::kI8:
      return doubles<int8_t>(elements, count);
    case DType::kI16:
      return doubles<int16_t>(elements, count);
    case DType::kI32:
      return doubles<int32_t>(elements, count);
    case DType::kI64:
      return doubles<int64_t>(elements, count);
    case DType::kF32:
      return doubles<float>(elements, count);
    case DType::kF64:
      return doubles<double>(elements, count);
    case DType::kF16: {
      std::vector<double> values(count);
      for (std::size_t i = 0; i < count; ++i)
        values[i] = half_value(load<uint16_t>(elements + 2 * i));
      return values;
    }
    default:
      throw BugError("elements of a type that is never delivered");
  }
}

}  // namespace trunkline::h5
