#include "trunkline/learn/predict.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <chrono>
#include <functional>
#include <numeric>

#include "prediction_file.hpp"
#include "trunkline/model/input.hpp"
#include "trunkline/train/evaluator.hpp"
#include "trunkline/train/gather.hpp"
#include "trunkline/train/step_inputs.hpp"

namespace trunkline {
namespace {

constexpr int64_t kBatch = 1024;
constexpr int64_t kHeadRows = 5;

// The input is opened like a source of the run, without targets.
std::shared_ptr<Source> open_input(const TrainedRun& run, std::size_t task,
                                   const PredictRequest& request,
                                   const std::shared_ptr<IoThread>& io) {
  const std::string& name = run.config.tasks[task].second.source;
  const FieldDescription& trained = run.input(name);
  SourceOptions options = run.config.sources[run.config.source_index(name)].second;
  options.file = {request.input};
  options.input = trained.name;
  options.batch = kBatch;
  auto source = Source::open(options, {.name = "input", .targets = {}, .key = "--input"}, io);
  const std::vector<int64_t> found = input_shape(source->description().inputs.front());
  const std::vector<int64_t> wanted = input_shape(trained);
  check<DataError>(found == wanted,
                   "--input: {}: {} has rows of shape ({}), the model was trained on ({})",
                   request.input, trained.name, fmt::join(found, ", "), fmt::join(wanted, ", "));
  check<DataError>(same_codes(source->description().inputs.front(), trained),
                   "--input: {}: the codes of {} are not those of the file that the model was "
                   "trained on; convert the table with --like and that file",
                   request.input, trained.name);
  return source;
}

// A file without splits is read whole (as "train"); one with several needs to be told which.
Split choose_split(const Source& source, const PredictRequest& request) {
  if (request.split) {
    const Split split = split_named(*request.split);
    check<DataError>(source.rows(split) > 0, "--input: {}: no rows in split {}", request.input,
                     *request.split);
    return split;
  }
  check<UsageError>(
      source.rows(Split::kValid) == 0 && source.rows(Split::kTest) == 0,
      "--input: {}: the file has several splits; choose one with --split train, valid or test",
      request.input);
  return Split::kTrain;
}

// Rows of all ranks in the order of ranks, which is the order of slots.
at::Tensor gather_rows(Ranks& ranks, const at::Tensor& mine, const std::vector<int64_t>& rows) {
  std::vector<int64_t> shape = mine.sizes().vec();
  const int64_t width =
      std::accumulate(shape.begin() + 1, shape.end(), int64_t{1}, std::multiplies<>());
  std::vector<int64_t> counts;
  for (const int64_t n : rows) counts.push_back(n * width);
  shape[0] = std::accumulate(rows.begin(), rows.end(), int64_t{0});
  at::Tensor all = at::empty({shape[0] * width}, mine.scalar_type());
  const at::Tensor flat = mine.contiguous().view({-1});
  ranks.queue.run([&] { ranks.world.all_gather_v(all, flat, counts); });
  return all.view(shape);
}

template <class Change>
Prediction for_each_field(const Prediction& prediction, const Change& change) {
  Prediction changed;
  for (const PredictionField& field : kPredictionFields)
    if (const at::Tensor& values = prediction.*field.values; values.defined())
      changed.*field.values = change(values);
  return changed;
}

// What one rank does with its share of a batch.
class BatchPredictor {
 public:
  BatchPredictor(const MultiTaskModel& model, std::size_t source, std::size_t task,
                 FieldDescription input, ColumnStatistics statistics, c10::ScalarType precision)
      : model_(model),
        source_(source),
        task_(task),
        input_(std::move(input)),
        statistics_(std::move(statistics)),
        precision_(precision) {
    std::vector<int64_t> shape = input_shape(input_);
    shape.insert(shape.begin(), 1);
    const Prediction one = run(on_device(at::zeros(shape, precision_), model_.device()));
    nothing_ = for_each_field(one, [](const at::Tensor& v) { return v.narrow(0, 0, 0); });
  }

  Prediction operator()(const Batch& batch) const {
    if (batch.rows() == 0) return nothing_;
    const at::Tensor x = on_device(batch.fields.at(input_.name), model_.device());
    return run(prepare_input(x, input_, precision_, statistics_));
  }

 private:
  Prediction run(const at::Tensor& x) const {
    return model_.task(task_).predict(model_.forward(source_, {task_}, x, {}).front().cpu());
  }

  const MultiTaskModel& model_;
  std::size_t source_, task_;
  FieldDescription input_;
  ColumnStatistics statistics_;
  c10::ScalarType precision_;
  Prediction nothing_;  ///< the shapes of a prediction, without rows
};

std::unique_ptr<Loader> open_rows(const std::shared_ptr<Source>& source, Split split,
                                  const Ranks& ranks) {
  LoaderOptions options;
  options.batch = kBatch;
  options.slots = {cut({0, kBatch}, ranks.rank(), ranks.size())};
  options.fields = {source->description().inputs.front().name};
  return make_evaluation_loader(source, split, options);
}

// Everything that must be in order before the first row is read.
struct Job {
  std::size_t task = 0;
  std::shared_ptr<Source> source;
  Split split = Split::kTrain;
  FieldDescription target;
  std::unique_ptr<PredictionFile> file;  ///< rank 0
};

Job prepare(const TrainedRun& run, const PredictRequest& request, Ranks& ranks,
            const std::shared_ptr<IoThread>& io) {
  Job job;
  agree(ranks, [&] {
    job.task = run.task(request.task);
    check<UsageError>(
        request.change != nullptr || run.config.tasks[job.task].second.kind != "few_shot",
        "--task {}: a few_shot head has no classes of its own before it has adapted to some; use "
        "trunkline adapt",
        run.config.tasks[job.task].first);
    job.source = open_input(run, job.task, request, io);
    job.split = choose_split(*job.source, request);
    job.target = request.change != nullptr ? request.change->open(run, job.task, io)
                                           : run.description().targets[job.task];
    if (ranks.rank() == 0)
      job.file = std::make_unique<PredictionFile>(
          request.output, request.force, job.source->rows(job.split), job.target,
          run.config.tasks[job.task].second.loss.quantiles, io);
  });
  return job;
}

}  // namespace

PredictSummary predict(const PredictRequest& request, Ranks& ranks,
                       const std::shared_ptr<IoThread>& io, const Logger& logger) {
  const auto start = std::chrono::steady_clock::now();
  const at::NoGradGuard no_grad;
  const TrainedRun run = open_run(request.run, ranks, logger, request.task_kinds);
  const Plan plan = whole_plan(run.config, ranks);
  const Job job = prepare(run, request, ranks, io);
  const std::unique_ptr<MultiTaskModel> model = load_model(run, plan, ranks);
  if (request.change != nullptr) agree(ranks, [&] { request.change->apply(*model); });
  const BatchPredictor predict_batch(
      *model, task_sources(run.config)[job.task], job.task,
      job.source->description().inputs.front(),
      model->input_statistics(run.config.tasks[job.task].second.source), run.config.precision());
  const std::unique_ptr<Loader> loader = open_rows(job.source, job.split, ranks);
  PredictSummary summary;
  summary.task = run.config.tasks[job.task].first;
  summary.step = run.state.step;
  summary.class_names = job.target.class_names;
  while (summary.rows < job.source->rows(job.split)) {
    const Batch batch = loader->next();
    Prediction mine = predict_batch(batch);
    if (request.change != nullptr) mine = request.change->change(mine);
    const std::vector<int64_t> rows = gather_integer(ranks, batch.rows());
    const at::Tensor samples =
        gather_rows(ranks, batch.rows() > 0 ? batch.samples : at::empty({0}, at::kLong), rows);
    const Prediction all = for_each_field(
        mine, [&](const at::Tensor& values) { return gather_rows(ranks, values, rows); });
    if (job.file) job.file->append(samples, all);
    if (summary.head.empty()) summary.head = first_rows(samples, all, kHeadRows);
    summary.rows += samples.size(0);
  }
  agree(ranks, [&] {
    if (job.file) job.file->finish();
  });
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return summary;
}

}  // namespace trunkline
