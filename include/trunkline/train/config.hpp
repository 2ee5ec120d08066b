// The whole config of a run: the root of all keys.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"
#include "trunkline/data/loader.hpp"
#include "trunkline/exchange/reducer.hpp"
#include "trunkline/model/stem.hpp"
#include "trunkline/model/task.hpp"
#include "trunkline/model/trunk.hpp"
#include "trunkline/optim/optimizer.hpp"
#include "trunkline/optim/schedule.hpp"
#include "trunkline/plan/batch_shares.hpp"
#include "trunkline/plan/layout.hpp"
#include "trunkline/train/finetune_options.hpp"
#include "trunkline/train/init_options.hpp"
#include "trunkline/train/meta_options.hpp"

namespace trunkline {

/// `run:`
struct RunOptions {
  std::string name = "run";
  std::string dir;  ///< empty: runs/NAME
  int64_t seed = 0;
  std::string device = "cpu";
  std::string time_limit;  ///< "90s", "30m", "2h"; empty for none
};
void describe(Keys& keys, RunOptions& options);

/// Which value of an evaluation decides something.
struct MetricChoice {
  std::string metric = "loss";
  std::string task = "mean";  ///< a task, or the mean over all tasks that have the metric
  std::string mode = "auto";  ///< max | min | auto: min for losses and errors, max for others
};
void describe(Keys& keys, MetricChoice& choice);

/// `train.early_stop:`
struct EarlyStopOptions {
  MetricChoice choice;
  int64_t patience = 0;    ///< evaluations without improvement; 0: never stop early
  double min_delta = 0.0;  ///< what an improvement must exceed
};
void describe(Keys& keys, EarlyStopOptions& options);

/// `train:`
struct TrainOptions {
  Optional<int64_t> steps;
  Optional<int64_t> epochs;
  std::string stop = "longest";
  std::string precision = "float32";
  int64_t accumulate = 1;
  BatchOptions batch;
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  double clip_norm = 0.0;  ///< 0: no clipping
  std::string on_nonfinite = "stop";
  double ema = 0.0;  ///< decay of the moving average of parameters; 0: none
  EarlyStopOptions early_stop;
};
void describe(Keys& keys, TrainOptions& options);

/// `balance:`
struct BalanceOptions {
  std::string method = "equal";
};
void describe(Keys& keys, BalanceOptions& options);

/// `evaluate:`
struct EvaluateOptions {
  int64_t every = 1;            ///< epochs; 0: only at the end
  std::string split = "valid";  ///< valid | test | train
  int64_t batch = 0;            ///< rows per batch; 0: the source's batch
};
void describe(Keys& keys, EvaluateOptions& options);

/// `checkpoint:`
struct CheckpointOptions {
  int64_t every_steps = 0;      ///< 0: not by steps
  double every_minutes = 10.0;  ///< 0: not by time
  int64_t keep = 2;
  MetricChoice best;
};
void describe(Keys& keys, CheckpointOptions& options);

/// `sources.S:`: what the data say, and what the model puts in front of the trunk.
struct SourceConfig : SourceOptions {
  StemOptions stem;
};
void describe(Keys& keys, SourceConfig& options);

struct Config {
  RunOptions run;
  OrderedMap<SourceConfig> sources;
  TrunkOptions trunk;
  OrderedMap<TaskOptions> tasks;
  InitOptions init;
  FinetuneOptions finetune;
  MetaOptions meta;
  TrainOptions train;
  BalanceOptions balance;
  EvaluateOptions evaluate;
  CheckpointOptions checkpoint;
  LayoutOptions layout;
  CommOptions comm;
  TaskKinds task_kinds = standard_task_kinds();  ///< what tasks.T.kind may name; no key

  std::size_t source_index(const std::string& name) const;
  c10::ScalarType precision() const;  ///< kFloat or kDouble, of parameters and sums
  bool bf16() const { return train.precision == "bf16"; }  ///< the forward pass
};
void describe(Keys& keys, Config& config);

/// Reads and checks a config; data paths become absolute (relative to the file), so does init.from
/// (relative to the current folder), run.dir gets its default.
/// @param task_kinds what the program knows: the standard ones, or those and its own
/// @param trunk values of the trunk's keys that the config does not give
/// @throws UsageError, one line with file and line number
Config read_config(const std::string& path, const std::vector<std::string>& overrides,
                   TaskKinds task_kinds = standard_task_kinds(), const TrunkOptions& trunk = {});

/// The module of a trunk of kind torchscript: the run's own copy, or what `init.from` is, or the
/// copy of the run that it is of. Empty for other kinds. @throws UsageError where there is none
std::string trunk_module(const Config& config);
/// Name of the copy in a run folder.
inline constexpr const char* kTrunkModule = "trunk.pt";

/// The config as it is stored in RUN/config.yaml.
std::string to_yaml(const Config& config);

/// Seconds of "90s", "30m", "2h", or of "" (0: no limit). @throws UsageError
double parse_duration(const std::string& text, const std::string& key);

}  // namespace trunkline
