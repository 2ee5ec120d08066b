#include "trunkline/model/task.hpp"

#include <fmt/ranges.h>

#include <cmath>

#include "trunkline/core/error.hpp"
#include "trunkline/model/task_kinds.hpp"

namespace trunkline {
namespace {

std::vector<std::string> names_of(const TaskKinds& kinds) {
  std::vector<std::string> names;
  for (const auto& [name, make] : kinds) names.push_back(name);
  return names;
}

// What config, file or type say, in this order.
std::string kind_of(const std::string& task, const TaskOptions& options,
                    const FieldDescription& field, const TaskKinds& kinds) {
  if (!options.kind.empty()) return options.kind;
  if (!field.kind.empty()) return field.kind;
  if (field.num_classes || !field.class_names.empty()) return "classification";
  if (is_float(field.dtype)) return "regression";
  check<UsageError>(field.row_elements() == 1,
                    "tasks.{}.kind: {} has {} integers per row, which may be a one-hot class, "
                    "yes/no labels or quantities; set the key to one of {}",
                    task, field.name, field.row_elements(), fmt::join(names_of(kinds), ", "));
  return "classification";
}

}  // namespace

TaskKinds standard_task_kinds() {
  return {{"classification", make_classification},
          {"multilabel", make_multilabel},
          {"regression", make_regression},
          {"token_classification", make_token_classification},
          {"dense_classification", make_dense_classification},
          {"dense_regression", make_dense_regression},
          {"reconstruction", make_reconstruction},
          {"clustering", make_clustering},
          {"few_shot", make_few_shot}};
}

bool is_dense(const std::string& task_kind) { return task_kind.starts_with("dense_"); }

bool reads_input(const TaskOptions& options) { return options.kind == "reconstruction"; }

std::string target_of(const TaskOptions& options) {
  if (!options.target.empty()) return options.target;
  return reads_input(options) || options.kind == "clustering" ? "" : "y";
}

void describe(Keys& keys, TaskOptions& o) { describe(keys, o, standard_task_kinds()); }

void describe(Keys& keys, TaskOptions& o, const TaskKinds& kinds) {
  keys.value("source", o.source, "name of the source that holds the labels", {.required = true});
  keys.value("target", o.target,
             "data set with the labels; empty: y, or for kind: clustering, which needs none, none");
  keys.choice("kind", o.kind, names_of(kinds),
              "what is predicted; by default what the file's attribute or the type of the labels "
              "says");
  if (reads_input(o) && !o.target.empty())
    keys.reject("target", "a reconstruction learns the input of its source; leave the key out");
  keys.value("weight", o.weight, "factor of this task's mean loss in the objective", {.min = 0});
  keys.value("start_step", o.start_step,
             "step from which the task takes part in training; until then it counts as one without "
             "labels",
             {.min = 0});
  describe(keys, o.loss, o.kind);
  describe(keys, o.clustering, o.kind == "clustering");
  keys.value("classes", o.classes, "number of classes, where the file does not say it",
             {.min = 1,
              .when = o.kind.empty() || o.kind.ends_with("classification"),
              .when_text = "kind: classification, token_classification or dense_classification"});
  keys.value("missing", o.missing,
             "value that means \"no label\": nan or a number; instead of the file's ignore_value");
  keys.value("labels", o.labels,
             "train on the labels of that many rows alone, drawn by run.seed: a number, or a share "
             "below 1; default: all",
             {.min = 0, .exclusive_min = true});
  if (const double labels = o.labels.value_or(1.0); labels > 1.0 && labels != std::floor(labels))
    keys.reject("labels", "expected a whole number of rows, or a share below 1");
  if (o.labels && (reads_input(o) || o.kind == "clustering"))
    keys.reject("labels", fmt::format("a {} learns without labels; leave the key out", o.kind));
  keys.section("head", o.head, "the task's own layers behind the trunk", {},
               [&o](Keys& head, HeadOptions& options) { describe(head, options, o.kind); });
}

std::unique_ptr<Task> make_task(const std::string& name, const TaskOptions& options,
                                const FieldDescription& field, const TrunkShape& trunk,
                                const ColumnStatistics& statistics, const TaskKinds& kinds) {
  const std::string kind = kind_of(name, options, field, kinds);
  for (const auto& [known, make] : kinds) {
    if (known != kind) continue;
    check_loss_options(name, options.loss, kind);
    return make(name, options, field, trunk, statistics);
  }
  throw UsageError(fmt::format("tasks.{}.kind: \"{}\" is none of {}; set the key", name, kind,
                               fmt::join(names_of(kinds), ", ")));
}

}  // namespace trunkline
