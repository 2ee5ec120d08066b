#include "trunkline/train/config.hpp"

#include <charconv>
#include <filesystem>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

namespace fs = std::filesystem;

// "data/*.h5#/tasks/a" next to "/home/x/run.yaml" is "/home/x/data/*.h5#/tasks/a".
std::string absolute_beside(const std::string& file, const std::string& config_path) {
  if (fs::path(file).is_absolute()) return file;
  return (fs::absolute(config_path).parent_path() / file).lexically_normal().string();
}

std::vector<std::string> names_of(const OrderedMap<SourceConfig>& sources) {
  std::vector<std::string> names;
  for (const auto& [name, options] : sources) names.push_back(name);
  return names;
}

// A task's source must exist; a config with one source need not name it.
void connect_tasks(Config& config, const std::string& path) {
  const std::vector<std::string> sources = names_of(config.sources);
  check<UsageError>(!sources.empty(), "{}: sources: name at least one source", path);
  check<UsageError>(!config.tasks.empty(), "{}: tasks: name at least one task", path);
  for (auto& [name, task] : config.tasks) {
    if (task.source.empty() && sources.size() == 1) task.source = sources.front();
    check<UsageError>(!task.source.empty(),
                      "{}: tasks.{}.source: required where there are several sources", path, name);
    if (std::find(sources.begin(), sources.end(), task.source) != sources.end()) continue;
    const auto hint = nearest(task.source, sources);
    throw UsageError(fmt::format("{}: tasks.{}.source: no source \"{}\"{}", path, name, task.source,
                                 hint ? fmt::format("; did you mean \"{}\"?", *hint) : ""));
  }
}

void check_sources_used(const Config& config, const std::string& path) {
  for (const auto& [source, options] : config.sources) {
    bool used = false;
    for (const auto& [name, task] : config.tasks) used |= task.source == source;
    check<UsageError>(used, "{}: sources.{}: no task uses this source; remove it or add a task",
                      path, source);
  }
}

void check_chosen_task(const Config& config, const MetricChoice& choice, const std::string& key,
                       const std::string& path) {
  if (choice.task == "mean") return;
  std::vector<std::string> names{"mean"};
  for (const auto& [name, task] : config.tasks) {
    if (name == choice.task) return;
    names.push_back(name);
  }
  const auto hint = nearest(choice.task, names);
  throw UsageError(fmt::format("{}: {}.task: no task \"{}\"{}", path, key, choice.task,
                               hint ? fmt::format("; did you mean \"{}\"?", *hint) : ""));
}

void check_backend(const Config& config, const std::string& path) {
  check<UsageError>(config.comm.backend != "nccl" || config.run.device == "cuda",
                    "{}: comm.backend: nccl sums what lies on GPUs; set run.device=cuda, or "
                    "comm.backend=auto",
                    path);
}

void check_early_stop(const Config& config, const std::string& path) {
  const EarlyStopOptions& stop = config.train.early_stop;
  check_chosen_task(config, stop.choice, "train.early_stop", path);
  check<UsageError>(stop.patience == 0 || config.evaluate.every > 0,
                    "{}: train.early_stop: evaluate.every is 0, so there is one evaluation, at the "
                    "end; set it to 1 or more",
                    path);
}

}  // namespace

void describe(Keys& keys, RunOptions& o) {
  keys.value("name", o.name, "name of the run");
  keys.value("dir", o.dir, "run folder, relative to the current folder; default runs/NAME");
  keys.value("seed", o.seed, "seed of initial values, sample order and dropout", {.min = 0});
  keys.choice("device", o.device, {"cpu", "cuda"},
              "where parameters and activations live; cuda: on the GPUs, one per rank");
  keys.value("time_limit", o.time_limit,
             "stop, save and exit 85 after this time: \"90s\", \"30m\" or \"2h\"; empty for none");
}

void describe(Keys& keys, TrainOptions& o) {
  keys.value("steps", o.steps, "steps in all; instead of epochs", {.min = 1});
  keys.value("epochs", o.epochs, "epochs in all; default 1", {.min = 1});
  if (o.steps && o.epochs)
    keys.reject(
        "steps",
        "give steps or epochs, not both; an empty value takes one away, such as train.epochs=");
  keys.choice("stop", o.stop, {"longest", "shortest"},
              "which source's epoch is the run's epoch; shorter sources cycle, longer ones go on");
  keys.choice("precision", o.precision, {"float32", "float64", "bf16"},
              "of parameters, gradients and sums; bf16: these in float32, and the matrix products "
              "and convolutions of the forward pass in bfloat16");
  keys.value("accumulate", o.accumulate,
             "parts that a rank cuts its share of a batch into, to save memory", {.min = 1});
  keys.section("batch", o.batch, "one batch for all sources, shared out among them");
  keys.section("optimizer", o.optimizer, "how parameters move");
  keys.section("schedule", o.schedule, "how the learning rate changes");
  keys.value("clip_norm", o.clip_norm, "largest norm of the whole gradient; 0 for no clipping",
             {.min = 0});
  keys.choice("on_nonfinite", o.on_nonfinite, {"stop", "skip_step"},
              "what to do when a loss or gradient is not finite");
  keys.value("ema", o.ema,
             "decay of the exponential moving average of all parameters, e.g. 0.999, which "
             "evaluation and prediction then use; 0: none",
             {.min = 0, .max = 1});
  if (o.ema == 1.0) keys.reject("ema", "must be below 1, or the average never moves");
  keys.section("early_stop", o.early_stop, "when training ends before its last step");
}

void describe(Keys& keys, EarlyStopOptions& o) {
  keys.value("patience", o.patience,
             "stop after this many evaluations in a row without improvement; 0: never", {.min = 0});
  keys.value("min_delta", o.min_delta, "difference to the best value that an improvement exceeds",
             {.min = 0});
  describe(keys, o.choice);
}

void describe(Keys& keys, BalanceOptions& o) {
  keys.choice("method", o.method, {"equal"},
              "how task losses are weighed; equal: the weighted sum");
}

void describe(Keys& keys, SourceConfig& o) {
  describe(keys, static_cast<SourceOptions&>(o));
  keys.section("stem", o.stem,
               "adapter in front of the trunk, where inputs of sources differ in shape");
}

void describe(Keys& keys, EvaluateOptions& o) {
  keys.value("every", o.every, "epochs between evaluations; 0: only at the end", {.min = 0});
  keys.choice("split", o.split, {"valid", "test", "train"}, "which rows are evaluated");
  keys.value("batch", o.batch, "rows per batch; 0: the source's batch", {.min = 0});
}

void describe(Keys& keys, MetricChoice& o) {
  keys.value("metric", o.metric, "metric that is compared between evaluations");
  keys.value("task", o.task, "task whose metric counts, or mean over the tasks that have it");
  keys.choice("mode", o.mode, {"auto", "max", "min"},
              "whether a larger or a smaller value is better; auto: smaller for losses and errors");
}

void describe(Keys& keys, CheckpointOptions& o) {
  keys.value("every_steps", o.every_steps, "steps between checkpoints; 0: not by steps",
             {.min = 0});
  keys.value("every_minutes", o.every_minutes, "minutes between checkpoints; 0: not by time",
             {.min = 0});
  keys.value("keep", o.keep, "newest checkpoints to keep; the best is kept beside them",
             {.min = 1});
  keys.section("best", o.best, "which checkpoint is the best");
}

void describe(Keys& keys, Config& c) {
  keys.section("run", c.run, "name, folder and seed of the run");
  keys.map("sources", c.sources, "HDF5 data sets with inputs and targets", {.required = true});
  keys.section("trunk", c.trunk, "the shared model");
  keys.map("tasks", c.tasks, "what is learned: a target, a head, a loss", {.required = true},
           [&](Keys& task, TaskOptions& options) { describe(task, options, c.task_kinds); });
  keys.section("init", c.init, "which trained model the run begins with");
  keys.section("finetune", c.finetune, "how a trained model is trained on; needs init.from");
  keys.section("meta", c.meta, "meta-learning: steps that learn from episodes how to adapt");
  keys.section("train", c.train, "duration, precision, optimizer");
  keys.section("balance", c.balance, "how tasks are weighed against each other");
  keys.section("evaluate", c.evaluate, "when and on which rows metrics are computed");
  keys.section("checkpoint", c.checkpoint, "when the run is saved and what is kept");
  keys.section("layout", c.layout, "which rank holds which tasks");
  keys.section("comm", c.comm, "how gradients travel between ranks");
}

std::size_t Config::source_index(const std::string& name) const {
  for (std::size_t s = 0; s < sources.size(); ++s)
    if (sources[s].first == name) return s;
  throw BugError(fmt::format("no source {}", name));
}

c10::ScalarType Config::precision() const {
  return train.precision == "float64" ? at::kDouble : at::kFloat;
}

Config read_config(const std::string& path, const std::vector<std::string>& overrides,
                   TaskKinds task_kinds, const TrunkOptions& trunk) {
  Config config;
  config.trunk = trunk;
  config.task_kinds = std::move(task_kinds);
  read_yaml_file(path, overrides, [&](Keys& keys) { describe(keys, config); });
  connect_tasks(config, path);
  check_sources_used(config, path);
  check_chosen_task(config, config.checkpoint.best, "checkpoint.best", path);
  check_backend(config, path);
  check_early_stop(config, path);
  check<UsageError>(config.init.given() || !config.finetune.given(),
                    "{}: finetune: needs init.from, the trained model to begin with", path);
  connect_meta(config, path);
  parse_duration(config.run.time_limit, "run.time_limit");
  for (auto& [name, source] : config.sources)
    for (std::string& file : source.file) file = absolute_beside(file, path);
  if (config.init.given()) config.init.from = fs::absolute(config.init.from).string();
  if (config.run.dir.empty()) config.run.dir = "runs/" + config.run.name;
  config.trunk.module = trunk_module(config);
  return config;
}

std::string trunk_module(const Config& config) {
  if (config.trunk.kind != "torchscript") return "";
  const fs::path own = fs::path(config.run.dir) / kTrunkModule, from = config.init.from;
  const fs::path run = from.parent_path().parent_path();  // of RUN/checkpoints/step-00000050
  for (const fs::path& file : {own, from, from / kTrunkModule, run / kTrunkModule})
    if (fs::is_regular_file(file) && file.extension() == ".pt") return file.string();
  if (from.extension() == ".pt") return from.string();  // opening it says what is wrong
  throw UsageError(
      fmt::format("trunk.kind: torchscript needs init.from: FILE.pt, a module saved by torch.jit, "
                  "or a run that "
                  "began with one; {} is neither",
                  from.empty() ? "nothing" : from.string()));
}

std::string to_yaml(const Config& config) {
  Config copy = config;
  return write_yaml([&](Keys& keys) { describe(keys, copy); });
}

double parse_duration(const std::string& text, const std::string& key) {
  if (text.empty()) return 0.0;
  double number = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(end, text.data() + text.size());
  const double seconds = unit == "s" ? 1.0 : unit == "m" ? 60.0 : unit == "h" ? 3600.0 : 0.0;
  check<UsageError>(error == std::errc{} && seconds > 0.0 && number > 0.0,
                    "{}: \"{}\" is not a duration; expected a number with s, m or h, e.g. 30m", key,
                    text);
  return number * seconds;
}

}  // namespace trunkline
