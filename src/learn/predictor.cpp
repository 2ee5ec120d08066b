#include "trunkline/learn/predictor.hpp"

#include <ATen/core/grad_mode.h>
#include <fmt/ranges.h>

#include "trunkline/core/error.hpp"
#include "trunkline/learn/trained_run.hpp"
#include "trunkline/model/input.hpp"

namespace trunkline {

struct Predictor::Loaded {
  Loaded(const std::filesystem::path& folder, const TaskKinds& task_kinds)
      : run(open_run(folder, ranks, make_logger({0, false, ""}), task_kinds)),
        plan(whole_plan(run.config, ranks)),
        model(load_merged_model(run, plan, ranks)) {}

  const std::string& source(std::size_t task) const { return run.config.tasks[task].second.source; }

  std::unique_ptr<Communicator> world = make_single_communicator();
  CommQueue queue;
  Ranks ranks{*world, queue};
  TrainedRun run;
  Plan plan;
  std::unique_ptr<MultiTaskModel> model;
};

Predictor::Predictor(const std::filesystem::path& run, const TaskKinds& task_kinds)
    : loaded_(std::make_unique<Loaded>(run, task_kinds)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

std::vector<std::string> Predictor::tasks() const {
  std::vector<std::string> names;
  for (const auto& [name, options] : loaded_->run.config.tasks) names.push_back(name);
  return names;
}

const FieldDescription& Predictor::input(const std::string& task) const {
  return loaded_->run.input(loaded_->source(loaded_->run.task(task)));
}

Prediction Predictor::predict(const std::string& task, const at::Tensor& x) const {
  const at::NoGradGuard no_grad;
  const Loaded& l = *loaded_;
  const std::size_t t = l.run.task(task);
  const FieldDescription& field = input(task);
  check<UsageError>(x.dim() > 0 && x.sizes().slice(1) == at::IntArrayRef(field.shape),
                    "task {}: rows have shape ({}); {} has rows of ({})", task,
                    x.dim() > 0 ? fmt::format("{}", fmt::join(x.sizes().slice(1), ", ")) : "none",
                    field.name, fmt::join(field.shape, ", "));
  const at::Tensor prepared =
      prepare_input(x, field, l.run.config.precision(), l.model->input_statistics(l.source(t)));
  const std::size_t source = l.run.config.source_index(l.source(t));
  return l.model->task(t).predict(l.model->forward(source, {t}, prepared, {}).front());
}

}  // namespace trunkline
