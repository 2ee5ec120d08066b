#include "spread_rows.hpp"

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/train/gather.hpp"

namespace trunkline {
namespace {

constexpr int64_t kBlockElements = int64_t{1} << 19;

}  // namespace

SpreadRows::SpreadRows(const KmeansRows& rows, Ranks& ranks) : rows_(rows), ranks_(ranks) {
  mean_ = at::zeros({width()}, at::kDouble);
  at::Tensor sums = at::zeros({width() + 1}, at::kDouble);
  for_blocks([&](int64_t, const at::Tensor& z) { sums.narrow(0, 0, width()).add_(z.sum(0)); });
  sums[width()].fill_(static_cast<double>(size()));
  sum(sums);
  total_ = static_cast<int64_t>(sums[width()].item<double>());
  mean_ = sums.narrow(0, 0, width()).div(static_cast<double>(std::max<int64_t>(total_, 1)));
}

void SpreadRows::for_blocks(const std::function<void(int64_t, const at::Tensor&)>& visit) const {
  const int64_t block = std::max<int64_t>(1, kBlockElements / std::max<int64_t>(1, width()));
  for (int64_t begin = 0; begin < size(); begin += block)
    visit(begin, rows_.features.narrow(0, begin, std::min(block, size() - begin))
                     .to(at::kDouble)
                     .sub(mean_));
}

SpreadRows::Winner SpreadRows::winner(const at::Tensor& scores) const {
  std::vector<double> mine;  // score, sample, the row
  int64_t place = -1;
  if (size() > 0) {
    const double* score = scores.const_data_ptr<double>();
    place = 0;
    for (int64_t i = 1; i < size(); ++i)
      if (score[i] > score[place] || (score[i] == score[place] && sample(i) < sample(place)))
        place = i;
    mine = {score[place], static_cast<double>(sample(place))};
    const at::Tensor row = rows_.features[place].to(at::kDouble).sub(mean_).contiguous();
    mine.insert(mine.end(), row.const_data_ptr<double>(),
                row.const_data_ptr<double>() + row.numel());
  }
  const std::vector<std::vector<double>> all = gather_numbers(ranks_, mine);
  std::size_t best = all.size();
  for (std::size_t r = 0; r < all.size(); ++r) {
    if (all[r].empty()) continue;
    if (best == all.size() || all[r][0] > all[best][0] ||
        (all[r][0] == all[best][0] && all[r][1] < all[best][1]))
      best = r;
  }
  ensure(best < all.size(), "a choice among no rows");
  const bool own = static_cast<int>(best) == ranks_.rank();
  return {at::tensor(std::vector<double>(all[best].begin() + 2, all[best].end()), at::kDouble),
          all[best][0], own ? place : -1};
}

void SpreadRows::sum(at::Tensor& tensor) const {
  ranks_.queue.run([&] { ranks_.world.all_reduce(tensor); });
}

}  // namespace trunkline
