#include "trunkline/learn/export.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>

#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/core/tensor.hpp"
#include "trunkline/core/version.hpp"
#include "trunkline/model/input.hpp"
#include "trunkline/model/torchscript.hpp"
#include "trunkline/store/file.hpp"
#include "trunkline/store/safetensors.hpp"

namespace trunkline {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool is_module(const ExportRequest& request) {
  return fs::path(request.output).extension() == ".pt";
}

void check_output(const ExportRequest& request) {
  check<UsageError>(is_module(request) || fs::path(request.output).extension() == ".safetensors",
                    "--output {}: expected FILE.safetensors or FILE.pt", request.output);
  const fs::path folder = fs::absolute(request.output).parent_path();
  check<UsageError>(fs::is_directory(folder), "--output {}: there is no folder {}; make it first",
                    request.output, folder.string());
  check<UsageError>(request.force || !fs::exists(request.output),
                    "--output {}: the file exists; choose another name, or replace it with --force",
                    request.output);
}

void check_checkpoint(const ExportRequest& request) {
  std::vector<int64_t> steps;
  for (const CheckpointEntry& entry : list_checkpoints(request.run)) steps.push_back(entry.step);
  check<UsageError>(!request.checkpoint ||
                        std::find(steps.begin(), steps.end(), *request.checkpoint) != steps.end(),
                    "--checkpoint {}: the run has no checkpoint of this step; it has {}",
                    *request.checkpoint, fmt::join(steps, ", "));
}

std::vector<std::size_t> chosen_tasks(const TrainedRun& run, const ExportRequest& request) {
  if (request.task) return {run.task(*request.task)};
  std::vector<std::size_t> all;
  for (std::size_t t = 0; t < run.config.tasks.size(); ++t) all.push_back(t);
  return all;
}

const std::string& source_of(const TrainedRun& run, std::size_t task) {
  return run.config.tasks[task].second.source;
}

// A module has one input.
void check_one_source(const TrainedRun& run, const std::vector<std::size_t>& tasks) {
  for (const std::size_t t : tasks)
    check<UsageError>(source_of(run, t) == source_of(run, tasks[0]),
                      "--task: tasks {} and {} read different sources, and a module has one input; "
                      "choose one with --task",
                      run.config.tasks[tasks[0]].first, run.config.tasks[t].first);
}

// Whether a part is in the file: the trunk, and what the tasks have.
bool wanted(const std::string& tensor, const TrainedRun& run,
            const std::vector<std::size_t>& tasks) {
  if (tensor.starts_with("trunk.")) return true;
  return std::any_of(tasks.begin(), tasks.end(), [&](std::size_t t) {
    return tensor.starts_with("heads." + run.config.tasks[t].first + ".") ||
           tensor.starts_with("stems." + source_of(run, t) + ".");
  });
}

NamedTensors parameters_of(MultiTaskModel& model, const Plan& plan, const TrainedRun& run,
                           const std::vector<std::size_t>& tasks) {
  NamedTensors parameters;
  const auto add = [&](const FlatStorage& storage) {
    for (std::size_t i = 0; i < storage.entries().size(); ++i)
      if (wanted(storage.entries()[i].name, run, tasks))
        parameters.emplace_back(storage.entries()[i].name, storage.parameters()[i]);
  };
  add(model.storage().trunk());
  for (std::size_t s = 0; s < plan.holder_sets.size(); ++s) add(model.storage().set(s));
  return parameters;
}

json input_notes(const FieldDescription& field) {
  return {{"name", field.name},
          {"dtype", name_of(field.dtype)},
          {"row_shape", field.shape},
          {"layout", field.layout}};
}

json task_notes(const TrainedRun& run, const std::vector<std::size_t>& tasks) {
  json list = json::object();
  const ModelDescription description = run.description();
  for (const std::size_t t : tasks) {
    const auto& [name, options] = run.config.tasks[t];
    const FieldDescription& field = description.targets[t];
    list[name] = {{"kind", options.kind.empty() ? field.kind : options.kind},
                  {"source", options.source},
                  {"target", options.target},
                  {"class_names", field.class_names},
                  {"units", field.units}};
  }
  return list;
}

// What a reader of the file needs to know of it.
json notes_of(const TrainedRun& run, const std::vector<std::size_t>& tasks) {
  json inputs = json::object();
  for (const std::size_t t : tasks)
    inputs[source_of(run, t)] = input_notes(run.input(source_of(run, t)));
  return {{"trunkline", kVersion},
          {"run", run.config.run.name},
          {"step", run.state.step},
          {"inputs", inputs},
          {"tasks", task_notes(run, tasks)}};
}

std::string as_text(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string to_safetensors(const NamedTensors& parameters, json notes, const TrainedRun& run) {
  std::vector<TensorLayout> layout;
  for (const auto& [name, tensor] : parameters)
    layout.push_back({name, dtype_of(tensor), tensor.sizes().vec()});
  notes["statistics"] = to_json(run.state.statistics);
  notes["config"] = to_yaml(run.config);
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : notes.items()) metadata[key] = as_text(value);
  auto [header, bytes] = encode_header(layout, metadata);
  for (const auto& [name, tensor] : parameters) {
    const at::Tensor host = tensor.detach().cpu().contiguous();
    const NamedView view = named_view(name, host);
    bytes.append(reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size());
  }
  return bytes;
}

// Everything between rows of a file and what `predict` writes of them.
class WholeModel {
 public:
  WholeModel(const MultiTaskModel& model, const TrainedRun& run, std::vector<std::size_t> tasks,
             bool named)
      : model_(model),
        run_(run),
        tasks_(std::move(tasks)),
        named_(named),
        source_(run.config.source_index(source_of(run, tasks_[0]))),
        input_(run.input(source_of(run, tasks_[0]))) {}

  // Two rows of small numbers, of tokens or of codes where these are read.
  at::Tensor example() const {
    std::vector<int64_t> shape = input_.shape;
    shape.insert(shape.begin(), 2);
    const int64_t largest = std::clamp<int64_t>(input_.num_classes.value_or(8) - 1, 1, 7);
    at::Tensor x = at::arange(2 * input_.row_elements(), c10::kLong)
                       .remainder(largest)
                       .add(1)
                       .reshape(shape)
                       .to(scalar_type(input_.dtype));
    const std::vector<int64_t> codes =
        table_codes(run_.config.sources[source_].second.stem, input_);
    for (std::size_t c = 0; c < codes.size(); ++c)
      if (codes[c] > 0) x.select(1, static_cast<int64_t>(c)).zero_();
    return x;
  }

  NamedTensors operator()(const at::Tensor& x) const {
    const at::Tensor prepared = prepare_input(x, input_, run_.config.precision(),
                                              model_.input_statistics(source_of(run_, tasks_[0])));
    const std::vector<at::Tensor> outputs = model_.forward(source_, tasks_, prepared, {});
    NamedTensors result;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      const Prediction prediction = model_.task(tasks_[i]).predict(outputs[i]);
      for (const PredictionField& field : kPredictionFields)
        if (const at::Tensor& values = prediction.*field.values; values.defined())
          result.emplace_back(name_of_output(tasks_[i], field.name), values);
    }
    return result;
  }

  std::vector<std::string> outputs() const {
    const at::NoGradGuard no_grad;
    std::vector<std::string> names;
    for (const auto& [name, values] : (*this)(example())) names.push_back(name);
    return names;
  }

 private:
  std::string name_of_output(std::size_t task, const char* field) const {
    return named_ ? run_.config.tasks[task].first + "." + field : field;
  }

  const MultiTaskModel& model_;
  const TrainedRun& run_;
  std::vector<std::size_t> tasks_;
  bool named_;
  std::size_t source_;
  FieldDescription input_;
};

std::string to_module(MultiTaskModel& model, const NamedTensors& parameters, const TrainedRun& run,
                      const std::vector<std::size_t>& tasks, const ExportRequest& request,
                      json& notes) {
  const WholeModel whole(model, run, tasks, !request.task);
  notes["outputs"] = whole.outputs();
  notes["expects"] =
      "x of shape (n, row_shape...), of dtype, as the files of the source hold it; scale, bias and "
      "normalisation are applied inside";
  return to_torchscript({parameters, whole.example(), whole, &model.trunk()},
                        {{"trunkline.json", notes.dump()}});
}

}  // namespace

json export_run(const ExportRequest& request, Ranks& ranks, const Logger& logger) {
  agree(ranks, [&] {
    check_output(request);
    if (request.checkpoint) check_checkpoint(request);
  });
  TrainedRun run = open_run(request.run, ranks, logger, request.task_kinds, request.checkpoint);
  if (run.config.bf16()) run.config.train.precision = "float32";  // what the parameters are
  std::vector<std::size_t> tasks;
  agree(ranks, [&] {
    tasks = chosen_tasks(run, request);
    if (is_module(request)) check_one_source(run, tasks);
  });
  const Plan plan = whole_plan(run.config, ranks);
  const std::unique_ptr<MultiTaskModel> model = load_merged_model(run, plan, ranks);
  json notes;
  agree(ranks, [&] {
    notes = notes_of(run, tasks);
    if (ranks.rank() != 0) return;
    const NamedTensors parameters = parameters_of(*model, plan, run, tasks);
    const std::string bytes = is_module(request)
                                  ? to_module(*model, parameters, run, tasks, request, notes)
                                  : to_safetensors(parameters, notes, run);
    write_file_durably(request.output, bytes);
    int64_t elements = 0;
    for (const auto& [name, tensor] : parameters) elements += tensor.numel();
    notes["parameters"] = elements;
    notes["bytes"] = bytes.size();
    notes["file"] = request.output;
  });
  return notes;
}

}  // namespace trunkline
