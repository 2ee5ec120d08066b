// How far two models are apart:   compare_checkpoints CHECKPOINT CHECKPOINT [LIMIT]
//
// Prints max over tensors of |a - b| / |b|, where || is the Euclidean norm. Ends with 0 if that is
// at most LIMIT, which is infinite unless given; with 1 if not; with 2 if the models have different
// tensors or a file cannot be read.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include "trunkline/core/error.hpp"
#include "trunkline/store/checkpoint.hpp"

namespace {

using namespace trunkline;

constexpr const char* kFile = "model.safetensors";

template <class T>
std::vector<T> values_of(const CheckpointReader& reader, const TensorLayout& tensor) {
  std::vector<T> values(static_cast<std::size_t>(byte_size(tensor)) / sizeof(T));
  reader.read(kFile, tensor.name, std::as_writable_bytes(std::span(values)));
  return values;
}

template <class T>
double difference(const CheckpointReader& a, const CheckpointReader& b,
                  const TensorLayout& tensor) {
  const std::vector<T> left = values_of<T>(a, tensor), right = values_of<T>(b, tensor);
  double apart = 0.0, length = 0.0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const double x = left[i], y = right[i];
    apart += (x - y) * (x - y);
    length += y * y;
  }
  return apart == 0.0 ? 0.0 : std::sqrt(apart / length);  // NaN stays NaN
}

double difference(const CheckpointReader& a, const CheckpointReader& b) {
  const std::vector<TensorLayout>& left = a.layout().at(kFile);
  const std::vector<TensorLayout>& right = b.layout().at(kFile);
  check<DataError>(left.size() == right.size(), "{} and {} tensors", left.size(), right.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const TensorLayout &x = left[i], &y = right[i];
    check<DataError>(x.name == y.name && x.dtype == y.dtype && x.shape == y.shape,
                     "{} and {} are different tensors", x.name, y.name);
    const double found =
        x.dtype == DType::kF64 ? difference<double>(a, b, x) : difference<float>(a, b, x);
    if (!(found <= largest)) largest = found;  // also if it is NaN
    if (std::isnan(found)) break;
  }
  return largest;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const double limit = argc > 3 ? std::stod(argv[3]) : std::numeric_limits<double>::infinity();
  try {
    const double found = difference(CheckpointReader(argv[1]), CheckpointReader(argv[2]));
    fmt::print("{:.3g}\n", found);
    return found <= limit ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "compare_checkpoints: {}\n", error.what());
    return 2;
  }
}
