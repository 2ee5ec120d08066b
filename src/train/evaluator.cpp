#include "trunkline/train/evaluator.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "trunkline/train/gather.hpp"
#include "trunkline/train/step_inputs.hpp"

namespace trunkline {
namespace {

// Merges all ranks' states of one metric in rank order.
std::vector<MetricValue> merge(const Task& task, const Metric* mine, Ranks& ranks) {
  const std::vector<std::vector<double>> states =
      gather_numbers(ranks, mine ? mine->state() : std::vector<double>{});
  const std::unique_ptr<Metric> total = task.metric();
  for (const std::vector<double>& state : states)
    if (!state.empty()) total->merge(state);
  return total->values();
}

std::vector<MetricValue> merge_gates(const GateMeans& mine, int64_t shared, Ranks& ranks) {
  GateMeans total;
  for (const std::vector<double>& state : gather_numbers(ranks, mine.state())) total.merge(state);
  return total.values(shared);
}

}  // namespace

std::optional<double> TaskMetrics::value(const std::string& metric) const {
  for (const MetricValue& candidate : values)
    if (candidate.name == metric) return candidate.value;
  return std::nullopt;
}

void add_metrics(std::vector<TaskMetrics>& metrics, const std::vector<TaskMetrics>& more) {
  for (const TaskMetrics& added : more)
    for (TaskMetrics& task : metrics) {
      if (task.task != added.task) continue;
      for (const MetricValue& value : added.values) {
        std::erase_if(task.values, [&](const MetricValue& v) { return v.name == value.name; });
        task.values.push_back(value);
      }
    }
}

Evaluator::Evaluator(const Config& config, const Sources& sources, const Plan& plan,
                     const MultiTaskModel& model, Ranks& ranks)
    : config_(config), sources_(sources), plan_(plan), model_(model), ranks_(ranks) {}

std::vector<TaskMetrics> Evaluator::evaluate(Split split) const {
  const std::vector<Sums> local = accumulate(split);
  const std::optional<TrunkOptions>& experts = model_.trunk().shape().experts;
  const std::vector<std::size_t> source_of = task_sources(config_);
  std::vector<TaskMetrics> metrics;
  for (std::size_t t = 0; t < model_.size(); ++t) {
    TaskMetrics& task = metrics.emplace_back();
    task.task = model_.task(t).name();
    task.rows = sources_[source_of[t]]->rows(split);
    if (task.rows == 0) continue;
    task.values = merge(model_.task(t), local[t].metric.get(), ranks_);
    if (experts) task.gates = merge_gates(local[t].gates, experts->experts, ranks_);
  }
  return metrics;
}

std::vector<Evaluator::Sums> Evaluator::accumulate(Split split) const {
  const at::NoGradGuard no_grad;
  std::vector<Sums> sums(model_.size());
  for (std::size_t s = 0; s < sources_.size(); ++s)
    if (sources_[s]->rows(split) > 0) evaluate_source(s, split, sums);
  return sums;
}

void Evaluator::add_group(const Group& group, const GroupInput& rows,
                          std::vector<Sums>& sums) const {
  const TrunkOutput trunk = model_.shared(group.source, rows.x, rows.context);
  Context context = rows.context;
  for (std::size_t i = 0; i < group.tasks.size(); ++i) {
    const std::size_t t = group.tasks[i];
    if (!sums[t].metric) sums[t].metric = model_.task(t).metric();
    std::vector<at::Tensor> gates;
    context.gates = &gates;
    sums[t].metric->add(model_.head(t, trunk, context).cpu(), rows.targets[i]);
    sums[t].gates.add(gates);
  }
}

void Evaluator::evaluate_source(std::size_t source, Split split, std::vector<Sums>& sums) const {
  const int rank = ranks_.rank();
  const int64_t batch =
      config_.evaluate.batch > 0 ? config_.evaluate.batch : config_.sources[source].second.batch;
  LoaderOptions options;
  options.batch = batch;
  options.slots = source_slots(plan_, source, rank, batch);
  options.fields = fields_read(config_, sources_, plan_, source, rank);
  if (options.slots.empty()) return;
  const std::unique_ptr<Loader> loader = make_evaluation_loader(sources_[source], split, options);
  const FieldDescription& input = sources_[source]->description().inputs.front();
  const int64_t batches = (sources_[source]->rows(split) + batch - 1) / batch;
  for (int64_t k = 0; k < batches; ++k) {
    const Batch rows = loader->next();
    for (std::size_t g = 0; g < plan_.groups.size(); ++g) {
      const Group& group = plan_.groups[g];
      const Batch mine = group.source == source && group.held_by(rank) && rows.rows() > 0
                             ? rows.slice(group_slots(group, rank, batch))
                             : Batch{};
      if (mine.rows() == 0) continue;
      add_group(group, make_group_input(model_, plan_, g, mine, input, config_.precision()), sums);
    }
  }
}

std::optional<double> select_metric(const std::vector<TaskMetrics>& metrics,
                                    const std::string& task, const std::string& metric) {
  double sum = 0.0;
  int64_t defined = 0;
  for (const TaskMetrics& candidate : metrics) {
    const std::optional<double> value = candidate.value(metric);
    if ((task != "mean" && candidate.task != task) || !value) continue;
    sum += *value;
    ++defined;
  }
  return defined > 0 ? std::optional(sum / static_cast<double>(defined)) : std::nullopt;
}

nlohmann::json metrics_to_json(const std::vector<TaskMetrics>& metrics) {
  nlohmann::json json = nlohmann::json::object();
  for (const TaskMetrics& task : metrics) {
    nlohmann::json& values = json[task.task];
    values["rows"] = task.rows;
    for (const auto* list : {&task.values, &task.gates})
      for (const MetricValue& value : *list)
        values[value.name] = value.value ? nlohmann::json(*value.value) : nlohmann::json(nullptr);
  }
  return json;
}

Split split_named(const std::string& name) {
  if (name == "train") return Split::kTrain;
  if (name == "valid") return Split::kValid;
  if (name == "test") return Split::kTest;
  throw UsageError(fmt::format("no split \"{}\"; expected train, valid or test", name));
}

}  // namespace trunkline
