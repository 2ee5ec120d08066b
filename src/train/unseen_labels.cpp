#include "unseen_labels.hpp"

#include <algorithm>

#include "training_rows.hpp"
#include "trunkline/model/to_vector.hpp"
#include "trunkline/train/evaluator.hpp"

namespace trunkline {
namespace {

// visit(class, row of the source) for each label of a split.
template <class Visit>
void for_labels(const Session& session, std::size_t t, Split split, const Visit& visit) {
  const TaskOptions& options = session.config.tasks[t].second;
  const auto& source = session.sources[session.config.source_index(options.source)];
  const FieldDescription& field = source->description().target(options.target);
  for_rows(source, split, field, [&](const Batch& batch) {
    const Target target = session.model->task(t).target(batch, c10::kDouble);
    const auto classes = to_vector<int64_t>(target.values),
               rows = to_vector<int64_t>(batch.samples);
    const auto present = to_vector<uint8_t>(target.valid);
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (present[i]) visit(classes[i], rows[i]);
  });
}

void check_task(const Session& session, std::size_t t) {
  const auto& [name, options] = session.config.tasks[t];
  const std::string& split = session.config.evaluate.split;
  std::vector<bool> seen;
  for_labels(session, t, Split::kTrain, [&](int64_t label, int64_t) {
    if (label >= static_cast<int64_t>(seen.size())) seen.resize(label + 1);
    seen[label] = true;
  });
  for_labels(session, t, split_named(split), [&](int64_t label, int64_t row) {
    check<DataError>(
        label < static_cast<int64_t>(seen.size()) && seen[label],
        "source {0}: {1}: class {2} of row {3}, which is evaluated (split {4}), is that of no "
        "training row; add rows of it to the training split, or set tasks.{5}.classes to the "
        "number of classes to train without",
        options.source, options.target, label, row, split, name);
  });
}

// Classes of episodes are others than those that are trained on.
bool has_episodes(const Session& session, const std::string& source) {
  const std::vector<std::string>& sources = session.config.meta.sources;
  return std::ranges::find(sources, source) != sources.end();
}

bool concerns(const Session& session, std::size_t t) {
  const TaskOptions& options = session.config.tasks[t].second;
  const auto& source = session.sources[session.config.source_index(options.source)];
  const Split split = split_named(session.config.evaluate.split);
  return session.model->task(t).kind() == "classification" && !options.classes && !options.labels &&
         split != Split::kTrain && !has_episodes(session, options.source) &&
         source->rows(split) > 0;
}

}  // namespace

void check_unseen_labels(const Session& session) {
  agree(session.ranks, [&] {
    if (session.ranks.rank() != 0) return;
    for (std::size_t t = 0; t < session.config.tasks.size(); ++t)
      if (concerns(session, t)) check_task(session, t);
  });
}

}  // namespace trunkline
