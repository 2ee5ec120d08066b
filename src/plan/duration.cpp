#include "trunkline/plan/duration.hpp"

#include <algorithm>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

int64_t steps_of(const SourceLength& source) {
  check<DataError>(source.rows > 0, "source {}: no rows to train on", source.name);
  const bool drop = source.tail == "drop";
  const int64_t steps =
      drop ? source.rows / source.batch : (source.rows + source.batch - 1) / source.batch;
  check<DataError>(steps > 0,
                   "source {}: {} rows make no whole batch of {}; use a smaller batch or tail: pad",
                   source.name, source.rows, source.batch);
  return steps;
}

std::string tail_of(const SourceLength& source, bool counts_epochs) {
  std::string tail = source.tail.empty() ? (counts_epochs ? "pad" : "continuous") : source.tail;
  check<UsageError>(counts_epochs || tail == "continuous",
                    "sources.{}.tail: {} is only possible for a source whose epoch is the run's "
                    "epoch; this one is continuous, leave `tail` out",
                    source.name, tail);
  return tail;
}

}  // namespace

Duration make_duration(const DurationOptions& options, const std::vector<SourceLength>& sources) {
  std::vector<int64_t> steps;
  for (const SourceLength& source : sources) steps.push_back(steps_of(source));
  const bool longest = options.steps || options.stop == "longest";
  Duration duration;
  duration.steps_per_epoch = longest ? *std::max_element(steps.begin(), steps.end())
                                     : *std::min_element(steps.begin(), steps.end());
  duration.total_steps = options.steps.value_or(options.epochs * duration.steps_per_epoch);
  for (std::size_t s = 0; s < sources.size(); ++s)
    duration.tails.push_back(
        tail_of(sources[s], !options.steps && steps[s] == duration.steps_per_epoch));
  return duration;
}

}  // namespace trunkline
