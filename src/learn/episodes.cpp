#include "trunkline/learn/episodes.hpp"

#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <map>

#include "trunkline/core/error.hpp"
#include "trunkline/core/random.hpp"
#include "trunkline/model/input.hpp"
#include "trunkline/model/labels.hpp"
#include "trunkline/model/to_vector.hpp"
#include "trunkline/train/step_inputs.hpp"

namespace trunkline {
namespace {

constexpr uint64_t kClassDraw = 1, kRowDraw = 2;  // what a key decides

const char* name_of(Split split) {
  return split == Split::kTrain ? "train" : split == Split::kValid ? "valid" : "test";
}

int64_t bytes_of(const RowGroups& rows) {
  int64_t bytes = 0;
  for (const Column& column : rows.columns()) bytes += column.row_bytes();
  return bytes * rows.rows();
}

at::Tensor indices(const std::vector<int64_t>& numbers) {
  return at::tensor(numbers, c10::TensorOptions(c10::kLong));
}

}  // namespace

std::vector<int64_t> classes_of(const std::string& task, const TaskOptions& options,
                                const FieldDescription& field, const Batch& batch) {
  const LabelReader reader(task, options, field);
  const Labels labels = reader.read(batch);
  const at::Tensor classes =
      reader.columns() > 1 ? labels.values.argmax(1) : labels.values.select(1, 0).to(c10::kLong);
  return to_vector<int64_t>(classes.masked_fill(labels.present.all(1).logical_not(), -1));
}

std::shared_ptr<const SplitRows> read_split(const std::shared_ptr<Source>& source, Split split,
                                            int64_t memory_bytes, const std::string& label) {
  const int64_t rows = source->rows(split);
  check<DataError>(rows > 0, "{}: no rows in split {}, which is to be adapted to", label,
                   name_of(split));
  const int64_t bytes = bytes_of(source->row_groups(split));
  check<DataError>(bytes <= memory_bytes,
                   "{}: split {} takes {} bytes of memory, meta.memory_bytes allows {}; raise it, "
                   "or take fewer rows",
                   label, name_of(split), bytes, memory_bytes);
  LoaderOptions options;
  options.batch = rows;
  options.slots = {{0, rows}};
  options.prefetch = 1;
  auto read = std::make_shared<SplitRows>();
  read->input = source->description().inputs.front();
  read->batch = make_evaluation_loader(source, split, options)->next();
  return read;
}

EpisodePool::EpisodePool(const EpisodeSetting& setting, std::size_t task, Split split,
                         std::shared_ptr<const SplitRows> rows)
    : setting_(setting),
      task_(task),
      source_(task_sources(setting.config)[task]),
      split_(split),
      rows_(std::move(rows)),
      few_shot_(setting.model.task(task).kind() == "few_shot"),
      ways_(few_shot_ ? setting.config.meta.ways : 1) {
  if (few_shot_)
    group_by_class();
  else
    take_labelled();
  check_size();
}

void EpisodePool::group_by_class() {
  const auto& [name, options] = setting_.config.tasks[task_];
  const std::vector<int64_t> classes = classes_of(
      name, options, setting_.sources[source_]->description().target(options.target), rows_->batch);
  std::map<int64_t, std::vector<int64_t>> members;
  for (std::size_t i = 0; i < classes.size(); ++i)
    if (classes[i] >= 0) members[classes[i]].push_back(static_cast<int64_t>(i));
  for (auto& [label, rows] : members) members_.push_back(std::move(rows));
}

void EpisodePool::take_labelled() {
  targets_ = setting_.model.task(task_).target(rows_->batch, setting_.config.precision());
  const at::Tensor valid = targets_.valid.dim() == 1 ? targets_.valid : targets_.valid.any(1);
  const at::Tensor counts = valid.logical_and(targets_.weight.gt(0));
  members_.push_back(to_vector<int64_t>(counts.nonzero().squeeze(1)));
}

void EpisodePool::check_size() const {
  const MetaOptions& meta = setting_.config.meta;
  const auto needed = static_cast<std::size_t>(meta.shots + meta.queries);
  const auto& [name, options] = setting_.config.tasks[task_];
  const std::string where =
      fmt::format("tasks.{}: split {} of source {}", name, name_of(split_), options.source);
  std::size_t most = 0;
  int64_t enough = 0;
  for (const std::vector<int64_t>& rows : members_) {
    most = std::max(most, rows.size());
    if (rows.size() >= needed) ++enough;
  }
  check<DataError>(few_shot_ || enough == 1,
                   "{} has {} labelled rows, an episode needs {}; lower meta.shots or meta.queries",
                   where, most, needed);
  check<DataError>(!few_shot_ || classes() >= ways_,
                   "{} has {} classes, an episode needs {}; lower meta.ways", where, classes(),
                   ways_);
  check<DataError>(enough >= ways_,
                   "{} has {} classes with {} rows or more (the largest has {}), an episode needs "
                   "{} such; lower meta.shots, meta.queries or meta.ways",
                   where, enough, needed, most, ways_);
}

// Rows first..first+count-1 of each class of the episode, in the order that the key gives them.
void EpisodePool::choose(uint64_t k, int64_t first, int64_t count, Chosen& chosen) const {
  for (int64_t way = 0, turn = 0; way < ways_; ++turn) {
    const uint64_t place =
        permute(static_cast<uint64_t>(turn), members_.size(), key({k, kClassDraw}));
    const std::vector<int64_t>& rows = members_[place];
    const MetaOptions& meta = setting_.config.meta;
    if (static_cast<int64_t>(rows.size()) < meta.shots + meta.queries) continue;
    for (int64_t i = first; i < first + count; ++i) {
      chosen.rows.push_back(
          rows[permute(static_cast<uint64_t>(i), rows.size(), key({k, kRowDraw, place}))]);
      chosen.labels.push_back(way);
    }
    ++way;
  }
}

EpisodeRows EpisodePool::take(const Chosen& chosen, const Context& context) const {
  const at::Tensor places = indices(chosen.rows);
  const c10::Device device = setting_.model.device();
  const at::Tensor x = rows_->batch.fields.at(rows_->input.name).index_select(0, places);
  EpisodeRows taken;
  taken.x = prepare_input(on_device(x, device), rows_->input, setting_.config.precision(),
                          setting_.model.input_statistics(rows_->batch.source));
  if (few_shot_)
    taken.target = {indices(chosen.labels), at::ones({places.size(0)}, c10::kBool),
                    at::ones({places.size(0)}, c10::kDouble)};
  else
    taken.target = {targets_.values.index_select(0, places), targets_.valid.index_select(0, places),
                    targets_.weight.index_select(0, places)};
  for (at::Tensor* tensor : {&taken.target.values, &taken.target.valid, &taken.target.weight})
    *tensor = on_device(*tensor, device);
  taken.context = context;
  taken.context.rows = {
      {name_key(rows_->batch.source), rows_->batch.samples.index_select(0, places)}};
  return taken;
}

Episode EpisodePool::draw(uint64_t k, const Context& context) const {
  const MetaOptions& meta = setting_.config.meta;
  Chosen support, query;
  choose(k, 0, meta.shots, support);
  choose(k, meta.shots, meta.queries, query);
  return {take(support, context), take(query, context)};
}

EpisodeRows EpisodePool::draw_whole(uint64_t k, const Context& context) const {
  const MetaOptions& meta = setting_.config.meta;
  Chosen all;
  choose(k, 0, meta.shots + meta.queries, all);
  return take(all, context);
}

std::vector<EpisodePool> make_pools(const EpisodeSetting& setting, Split split) {
  std::vector<EpisodePool> pools;
  std::map<std::size_t, std::shared_ptr<const SplitRows>> read;
  const std::vector<std::size_t> sources = task_sources(setting.config);
  for (const std::size_t t : meta_tasks(setting.config)) {
    std::shared_ptr<const SplitRows>& rows = read[sources[t]];
    if (!rows)
      rows = read_split(setting.sources[sources[t]], split, setting.config.meta.memory_bytes,
                        "sources." + setting.config.sources[sources[t]].first);
    pools.emplace_back(setting, t, split, rows);
  }
  return pools;
}

std::vector<int> deal_episodes(const std::vector<std::size_t>& tasks, const Plan& plan) {
  std::vector<int64_t> load(static_cast<std::size_t>(plan.world_size), 0);
  std::vector<int> owners;
  for (const std::size_t t : tasks) {
    const std::vector<int>& holders = plan.holders[t];
    owners.push_back(*std::min_element(holders.begin(), holders.end(), [&](int a, int b) {
      return load[static_cast<std::size_t>(a)] < load[static_cast<std::size_t>(b)];
    }));
    ++load[static_cast<std::size_t>(owners.back())];
  }
  return owners;
}

}  // namespace trunkline
