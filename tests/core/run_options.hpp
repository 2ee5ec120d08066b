// A small config with every kind of key, for the tests of reading, writing and documenting.
#pragma once

#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"

namespace trunkline::test {

struct ScheduleOptions {
  std::string kind = "constant";
  int64_t warmup_steps = 0;
  double gamma = 0.1;
};

inline void describe(Keys& keys, ScheduleOptions& o) {
  keys.choice("kind", o.kind, {"constant", "cosine", "exponential"}, "how the rate changes");
  keys.value("warmup_steps", o.warmup_steps, "steps of linear warm-up", {.min = 0});
  keys.value("gamma", o.gamma, "factor per unit",
             {.min = 0,
              .max = 1,
              .exclusive_min = true,
              .when = o.kind == "exponential",
              .when_text = "kind: exponential"});
}

struct TrainOptions {
  int64_t epochs = 1;
  double lr = 1e-3;
  bool shuffle = true;
  Optional<double> clip_norm;
  Optional<int64_t> steps;
  ScheduleOptions schedule;
};

inline void describe(Keys& keys, TrainOptions& o) {
  keys.value("epochs", o.epochs, "passes over the data", {.min = 1});
  keys.value("lr", o.lr, "learning rate", {.min = 0, .exclusive_min = true});
  keys.value("shuffle", o.shuffle, "new order in each epoch");
  keys.value("clip_norm", o.clip_norm, "largest norm of the gradient",
             {.min = 0, .exclusive_min = true});
  keys.value("steps", o.steps, "steps, instead of epochs", {.min = 1});
  if (o.steps && o.epochs != 1) keys.reject("steps", "give steps or epochs, not both");
  keys.section("schedule", o.schedule, "the learning rate over time");
}

struct TrunkOptions {
  std::string kind = "mlp";
  std::vector<int64_t> widths, channels;
  std::vector<double> scale;
};

inline void describe(Keys& keys, TrunkOptions& o) {
  keys.choice("kind", o.kind, {"mlp", "convnet"}, "the shared model");
  keys.value("widths", o.widths, "hidden layers",
             {.min = 1, .when = o.kind == "mlp", .when_text = "kind: mlp"});
  keys.value("channels", o.channels, "blocks",
             {.min = 1, .when = o.kind == "convnet", .when_text = "kind: convnet"});
  keys.value("scale", o.scale, "factor on the input");
}

struct TaskOptions {
  std::string source;
  std::string loss;
  double weight = 1.0;
  Optional<std::string> missing;
};

inline void describe(Keys& keys, TaskOptions& o) {
  keys.value("source", o.source, "the source of inputs and labels", {.required = true});
  keys.choice("loss", o.loss, {"mse", "mae"}, "what is minimised");
  keys.value("weight", o.weight, "a_t", {.min = 0});
  keys.value("missing", o.missing, "value that means no label");
}

struct RunOptions {
  std::string name = "run";
  std::vector<std::string> files;
  TrunkOptions trunk;
  TrainOptions train;
  OrderedMap<TaskOptions> tasks;
};

inline void describe(Keys& keys, RunOptions& o) {
  keys.value("name", o.name, "name of the run");
  keys.value("files", o.files, "data files");
  keys.section("trunk", o.trunk, "the shared model");
  keys.section("train", o.train, "how it is trained");
  keys.map("tasks", o.tasks, "what is predicted", {.required = true});
}

inline RunOptions read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  RunOptions options;
  read_yaml_text(text, "run.yaml", overrides, [&](Keys& keys) { describe(keys, options); });
  return options;
}

}  // namespace trunkline::test
