#include "trunkline/model/best_matching.hpp"

#include <algorithm>
#include <limits>

namespace trunkline {
namespace {

// Rows enter one after the other, each along a cheapest alternating path (Jonker & Volgenant 1987).
// Rows and columns count from 1; 0 stands for "none".
class Matching {
 public:
  Matching(const std::vector<std::vector<int64_t>>& gains, std::size_t size)
      : gains_(gains),
        size_(size),
        row_potential_(size + 1, 0),
        column_potential_(size + 1, 0),
        row_of_(size + 1, 0),
        previous_(size + 1, 0) {}

  int64_t best() {
    for (std::size_t row = 1; row <= size_; ++row) enter(row);
    int64_t sum = 0;
    for (std::size_t column = 1; column <= size_; ++column) sum -= cost(row_of_[column], column);
    return sum;
  }

 private:
  // What is missing up to a square gains nothing.
  int64_t cost(std::size_t row, std::size_t column) const {
    const bool inside = row <= gains_.size() && column <= gains_[row - 1].size();
    return inside ? -gains_[row - 1][column - 1] : 0;
  }

  void enter(std::size_t row) {
    std::vector<int64_t> slack(size_ + 1, std::numeric_limits<int64_t>::max());
    std::vector<bool> reached(size_ + 1, false);
    row_of_[0] = row;
    std::size_t column = 0;
    while (row_of_[column] != 0) column = extend(column, slack, reached);
    for (; column != 0; column = previous_[column]) row_of_[column] = row_of_[previous_[column]];
  }

  // Lets the path reach one more column, the one with the least slack.
  std::size_t extend(std::size_t from, std::vector<int64_t>& slack, std::vector<bool>& reached) {
    reached[from] = true;
    const std::size_t row = row_of_[from];
    std::size_t next = 0;
    int64_t least = std::numeric_limits<int64_t>::max();
    for (std::size_t j = 1; j <= size_; ++j) {
      if (reached[j]) continue;
      const int64_t reduced = cost(row, j) - row_potential_[row] - column_potential_[j];
      if (reduced < slack[j]) {
        slack[j] = reduced;
        previous_[j] = from;
      }
      if (slack[j] < least) {
        least = slack[j];
        next = j;
      }
    }
    for (std::size_t j = 0; j <= size_; ++j) {
      if (reached[j]) {
        row_potential_[row_of_[j]] += least;
        column_potential_[j] -= least;
      } else if (j > 0) {
        slack[j] -= least;
      }
    }
    return next;
  }

  const std::vector<std::vector<int64_t>>& gains_;
  std::size_t size_;
  std::vector<int64_t> row_potential_, column_potential_;
  std::vector<std::size_t> row_of_, previous_;  // per column
};

}  // namespace

int64_t best_matching(const std::vector<std::vector<int64_t>>& gains) {
  if (gains.empty()) return 0;
  return Matching(gains, std::max(gains.size(), gains[0].size())).best();
}

}  // namespace trunkline
