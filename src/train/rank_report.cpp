#include "trunkline/train/rank_report.hpp"

#include <ATen/Parallel.h>
#include <sys/resource.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "trunkline/core/host.hpp"
#include "trunkline/train/sources.hpp"

namespace trunkline {
namespace {

constexpr double kWindows = 2.0;  // one in use, one being filled

double peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024.0;
}

// Parameters, gradients, and the moments of the optimizer (sgd: one buffer with momentum; adam:
// two), and averages where there are any.
double copies(const TrainOptions& train) {
  const double average = train.ema > 0.0 ? 1.0 : 0.0;
  if (train.optimizer.kind == "sgd") return average + (train.optimizer.momentum != 0.0 ? 3.0 : 2.0);
  return average + 4.0;
}

// Rows of the training stream that a rank holds at once.
double window_bytes(const Session& session, std::size_t source) {
  const int rank = session.ranks.rank();
  const int64_t batch = session.config.sources[source].second.batch;
  int64_t slots = 0;
  for (const SlotRange& range : source_slots(session.plan, source, rank, batch))
    slots += range.size();
  if (slots == 0) return 0.0;
  const RowGroups& rows = session.sources[source]->row_groups(Split::kTrain);
  int64_t row_bytes = 0;
  for (const Column& column : rows.columns()) row_bytes += column.row_bytes();
  const int64_t held = std::min(rows.rows(), rows.groups_in_budget() * rows.group_rows());
  const double share = static_cast<double>(slots) / static_cast<double>(batch);
  return kWindows * share * static_cast<double>(held * row_bytes);
}

double ring_bytes(double bytes, std::size_t ranks) {
  const auto p = static_cast<double>(ranks);
  return 2.0 * bytes * (p - 1.0) / p;
}

// Holders of parts sum these; the trunk is summed by all.
double sent_bytes(const TrainingSession& training) {
  const Session& session = training.session();
  const auto trunk = static_cast<double>(training.trainable().trunk_gradients().nbytes());
  const auto element = static_cast<double>(c10::elementSize(session.config.precision()));
  double bytes = ring_bytes(trunk, static_cast<std::size_t>(session.ranks.size()));
  for (std::size_t s = 0; s < session.plan.holder_sets.size(); ++s) {
    const HolderSet& set = session.plan.holder_sets[s];
    if (set.contains(session.ranks.rank()))
      bytes += ring_bytes(static_cast<double>(session.model->storage().set_elements(s)) * element,
                          set.ranks.size());
  }
  return bytes;
}

std::string range_of(int first, int last) {
  return first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
}

}  // namespace

std::string format_cores(const std::vector<int>& cores) {
  std::vector<std::string> ranges;
  for (std::size_t i = 0; i < cores.size();) {
    std::size_t last = i;
    while (last + 1 < cores.size() && cores[last + 1] == cores[last] + 1) ++last;
    ranges.push_back(range_of(cores[i], cores[last]));
    i = last + 1;
  }
  return fmt::format("{}", fmt::join(ranges, ","));
}

RankReport own_report(const TrainingSession& training) {
  const Session& session = training.session();
  RankReport report;
  report.rank = session.ranks.rank();
  report.host = host_name();
  report.device = session.ranks.device.str();
  report.threads = at::get_num_threads();
  report.cores = format_cores(cores_of_process());
  report.parameters = elements_of(session.model->storage().trunk_entries());
  for (const std::size_t p : session.model->storage().held_parts()) {
    if (p < session.model->size()) report.tasks.push_back(session.model->task(p).name());
    report.parameters += elements_of(session.model->storage().part_entries(p));
  }
  report.model_bytes = static_cast<double>(report.parameters) * copies(session.config.train) *
                       static_cast<double>(c10::elementSize(session.config.precision()));
  report.memory_bytes = peak_bytes();
  for (std::size_t s = 0; s < session.sources.size(); ++s)
    report.memory_bytes += window_bytes(session, s);
  report.sent_bytes = sent_bytes(training);
  return report;
}

nlohmann::json to_json(const RankReport& r) {
  return {{"rank", r.rank},
          {"host", r.host},
          {"device", r.device},
          {"threads", r.threads},
          {"cores", r.cores},
          {"parameters", r.parameters},
          {"model_bytes", r.model_bytes},
          {"memory_bytes", r.memory_bytes},
          {"sent_bytes_per_step", r.sent_bytes},
          {"tasks", r.tasks}};
}

RankReport rank_report_from_json(const nlohmann::json& j) {
  return {j.at("rank"),        j.at("host"),         j.at("device"),
          j.at("threads"),     j.at("cores"),        j.at("parameters"),
          j.at("model_bytes"), j.at("memory_bytes"), j.at("sent_bytes_per_step"),
          j.at("tasks")};
}

}  // namespace trunkline
