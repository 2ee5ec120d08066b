#include "trunkline/core/tensor.hpp"

#include <array>
#include <utility>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr std::array<std::pair<DType, c10::ScalarType>, 13> kPairs = {{
    {DType::kBool, c10::kBool},
    {DType::kU8, c10::kByte},
    {DType::kI8, c10::kChar},
    {DType::kU16, c10::kUInt16},
    {DType::kI16, c10::kShort},
    {DType::kI32, c10::kInt},
    {DType::kI64, c10::kLong},
    {DType::kU32, c10::kUInt32},
    {DType::kU64, c10::kUInt64},
    {DType::kF16, c10::kHalf},
    {DType::kBF16, c10::kBFloat16},
    {DType::kF32, c10::kFloat},
    {DType::kF64, c10::kDouble},
}};

}  // namespace

c10::ScalarType scalar_type(DType type) { return kPairs.at(static_cast<std::size_t>(type)).second; }

DType dtype_of(const at::Tensor& tensor) {
  for (const auto& [type, scalar] : kPairs)
    if (scalar == tensor.scalar_type()) return type;
  throw BugError("a tensor of a type that no file can hold");
}

NamedView named_view(const std::string& name, const at::Tensor& tensor) {
  ensure(tensor.is_contiguous() && tensor.device().is_cpu(),
         "named_view needs a contiguous CPU tensor");
  return {name,
          dtype_of(tensor),
          tensor.sizes().vec(),
          {static_cast<std::byte*>(tensor.data_ptr()), tensor.nbytes()}};
}

}  // namespace trunkline
