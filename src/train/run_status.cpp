#include "trunkline/train/run_status.hpp"

#include <chrono>
#include <cmath>
#include <fstream>

#include "trunkline/core/error.hpp"
#include "trunkline/report/last_metrics.hpp"
#include "trunkline/store/checkpoint.hpp"
#include "trunkline/store/run_lock.hpp"
#include "trunkline/train/run_folder.hpp"

namespace trunkline {
namespace {

namespace fs = std::filesystem;

double age_of(const fs::path& path) {
  const auto age = fs::file_time_type::clock::now() - fs::last_write_time(path);
  return std::max(0.0, std::chrono::duration<double>(age).count());
}

// A checkpoint may be pruned while it is looked at: then it is not counted.
std::optional<CheckpointStatus> status_of(const CheckpointEntry& entry) {
  try {
    CheckpointStatus status{entry.step, entry.path, age_of(entry.path / "manifest.json"), 0};
    for (const fs::directory_entry& file : fs::directory_iterator(entry.path))
      status.bytes += static_cast<int64_t>(file.file_size());
    return status;
  } catch (const fs::filesystem_error&) {
    return std::nullopt;
  }
}

std::optional<double> last_value(const std::vector<MetricLine>& metrics,
                                 const std::string& metric) {
  for (const MetricLine& line : metrics)
    if (!line.task && line.metric == metric) return line.value;
  return std::nullopt;
}

void read_metrics(const Config& config, RunStatus& status) {
  const fs::path file = status.run / "metrics.jsonl";
  status.metrics = last_metrics(file);
  if (fs::exists(file)) status.seconds_since_metrics = age_of(file);
  for (const MetricLine& line : status.metrics) {
    if (line.step < status.step || line.epoch <= 0) continue;
    status.step = line.step;
    status.epoch = line.epoch;
    const auto per_epoch =
        static_cast<int64_t>(std::llround(static_cast<double>(line.step) / line.epoch));
    status.total_steps = config.train.steps.value_or(config.train.epochs.value_or(1) * per_epoch);
  }
}

void read_checkpoints(RunStatus& status) {
  const std::vector<CheckpointStatus> all = checkpoint_statuses(status.run);
  if (all.empty()) return;
  status.newest = all.back();
  status.step = std::max(status.step, status.newest->step);
  status.best = stored_best(all);
  try {
    CheckpointReader(status.newest->path);
  } catch (const CheckpointError& error) {
    status.problem = error.what();
  }
}

int64_t rows_per_step(const Config& config) {
  if (config.train.batch.total > 0) return config.train.batch.total;
  int64_t rows = 0;
  for (const auto& [name, source] : config.sources) rows += source.batch;
  return rows;
}

void estimate(const Config& config, RunStatus& status) {
  status.samples_per_second = last_value(status.metrics, "samples_per_s");
  if (!status.samples_per_second || *status.samples_per_second <= 0 || !status.total_steps) return;
  const int64_t rows = rows_per_step(config);
  status.seconds_left =
      static_cast<double>((*status.total_steps - status.step) * rows) / *status.samples_per_second;
}

int64_t ranks_of(const fs::path& run) {
  std::ifstream file(run / "environment.json");
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, false);
  return json.is_object() ? json.value("ranks", int64_t{1}) : 1;
}

template <class T>
nlohmann::json or_null(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

}  // namespace

std::string RunStatus::resume_command() const {
  if (running() || finished()) return "";
  const std::string start = ranks > 1 ? fmt::format("mpirun -n {} ", ranks) : "";
  return fmt::format("{}trunkline train {} run.dir={} --resume", start,
                     (run / "config.yaml").string(), run.string());
}

RunStatus read_status(const fs::path& run) {
  const Config config = stored_config(run);
  RunStatus status;
  status.run = run;
  const LockState lock = look_at_lock(run);
  status.locks = lock.known;
  status.holder = lock.holder;
  status.ranks = ranks_of(run);
  status.best_name =
      fmt::format("{} {}", config.checkpoint.best.task, config.checkpoint.best.metric);
  read_metrics(config, status);
  read_checkpoints(status);
  estimate(config, status);
  return status;
}

std::vector<CheckpointStatus> checkpoint_statuses(const fs::path& run) {
  std::vector<CheckpointStatus> statuses;
  for (const CheckpointEntry& entry : list_checkpoints(run))
    if (const auto status = status_of(entry)) statuses.push_back(*status);
  return statuses;
}

std::optional<Best> stored_best(const std::vector<CheckpointStatus>& checkpoints) {
  for (auto checkpoint = checkpoints.rbegin(); checkpoint != checkpoints.rend(); ++checkpoint) {
    try {
      return run_state_from_json(CheckpointReader(checkpoint->path).state()).best;
    } catch (const CheckpointError&) {
      continue;  // an older one may be whole
    }
  }
  return std::nullopt;
}

nlohmann::json to_json(const CheckpointStatus& checkpoint) {
  return {{"step", checkpoint.step},
          {"path", checkpoint.path.string()},
          {"age_seconds", checkpoint.age_seconds},
          {"bytes", checkpoint.bytes}};
}

nlohmann::json to_json(const RunStatus& status) {
  nlohmann::json json = {{"run", status.run.string()},
                         {"running", status.locks ? nlohmann::json(status.running()) : nullptr},
                         {"holder", or_null(status.holder)},
                         {"finished", status.finished()},
                         {"step", status.step},
                         {"total_steps", or_null(status.total_steps)},
                         {"epoch", or_null(status.epoch)},
                         {"samples_per_s", or_null(status.samples_per_second)},
                         {"seconds_left", or_null(status.seconds_left)},
                         {"seconds_since_metrics", or_null(status.seconds_since_metrics)},
                         {"ranks", status.ranks},
                         {"checkpoint", nullptr},
                         {"best", nullptr},
                         {"metrics", nlohmann::json::array()},
                         {"resume_command", status.resume_command()}};
  if (status.newest) {
    json["checkpoint"] = to_json(*status.newest);
    json["checkpoint"]["problem"] = status.problem;
  }
  if (status.best)
    json["best"] = {
        {"step", status.best->step}, {"value", status.best->value}, {"name", status.best_name}};
  for (const MetricLine& line : status.metrics)
    json["metrics"].push_back({{"step", line.step},
                               {"split", line.split},
                               {"task", or_null(line.task)},
                               {"metric", line.metric},
                               {"value", or_null(line.value)}});
  return json;
}

}  // namespace trunkline
