// Writes a small data set with something out of the ordinary:   odd_file KIND PATH [ROWS]
//
//   plain     x (ROWS, 4) float32, y (ROWS) of 3 classes; the last 8 rows are for validation
//   label     row 5 has class 7 of 3
//   infinite  row 5 has an infinite input
//   unseen    class 2 has no row for training
//   inputs    x and z are both marked as inputs
#include <limits>

#include "support/h5_fixture.hpp"

int main(int argc, char** argv) {
  using namespace trunkline::test;
  if (argc < 3) return 2;
  const std::string kind = argv[1];
  const std::size_t rows = argc > 3 ? std::stoul(argv[3]) : 72, valid = 8;
  std::vector<float> x(rows * 4);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 7 % 13) / 13.0f;
  std::vector<uint8_t> y(rows);
  for (std::size_t i = 0; i < rows; ++i) y[i] = static_cast<uint8_t>(i % 3);
  if (kind == "label") y[5] = 7;
  for (std::size_t i = 0; kind == "unseen" && i < rows - valid; ++i) y[i] %= 2;
  if (kind == "infinite") x[5 * 4] = std::numeric_limits<float>::infinity();
  H5Writer file(argv[2]);
  file.write("x", {rows, 4}, x)
      .column("y", y)
      .number("y", "num_classes", 3)
      .column("split/train", counting<int64_t>(rows - valid))
      .column("split/valid", counting<int64_t>(valid, static_cast<int64_t>(rows - valid)));
  if (kind == "inputs")
    file.write("z", {rows, 4}, x).text("x", "role", "input").text("z", "role", "input");
}
