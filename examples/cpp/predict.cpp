// A trained run inside a program of one's own: numbers of rows on standard input, predictions out.
//   build/cpp/predict RUN TASK < rows.txt
#include <ATen/ops/tensor.h>

#include <iostream>
#include <iterator>

#include "trunkline/core/error.hpp"
#include "trunkline/learn/predictor.hpp"
#include "trunkline/model/to_vector.hpp"

using namespace trunkline;

int main(int argc, char** argv) try {
  if (argc != 3) throw UsageError("usage: predict RUN TASK < rows.txt");
  const Predictor predictor(argv[1]);
  const std::string task = argv[2];

  const std::vector<double> numbers(std::istream_iterator<double>(std::cin), {});
  const FieldDescription& row = predictor.input(task);
  if (static_cast<int64_t>(numbers.size()) % row.row_elements() != 0)
    throw DataError(
        fmt::format("{} numbers are no whole rows of {}", numbers.size(), row.row_elements()));
  std::vector<int64_t> shape = row.shape;
  shape.insert(shape.begin(), -1);
  const Prediction found = predictor.predict(task, at::tensor(numbers).reshape(shape));

  const int64_t columns = found.prediction.numel() / std::max<int64_t>(1, found.prediction.size(0));
  int64_t column = 0;
  for (const double value : to_vector<double>(found.prediction))
    std::cout << value << (++column % columns == 0 ? '\n' : ' ');
} catch (const std::exception& error) {
  std::cerr << "error: " << error.what() << '\n';
  return 1;
}
