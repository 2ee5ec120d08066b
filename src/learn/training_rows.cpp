#include "training_rows.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "trunkline/data/loader.hpp"
#include "trunkline/model/input.hpp"
#include "trunkline/train/step_inputs.hpp"

namespace trunkline {
namespace {

constexpr int64_t kBatch = 1024;  // over all holders

}  // namespace

void for_training_rows(
    const Session& session, std::size_t task,
    const std::function<void(const TrunkOutput& output, const at::Tensor& samples)>& visit) {
  const at::NoGradGuard no_grad;
  const std::size_t s = task_sources(session.config)[task];
  const std::vector<int>& holders = session.plan.holders[task];
  const auto place = std::lower_bound(holders.begin(), holders.end(), session.ranks.rank());
  if (!session.plan.holds(session.ranks.rank(), task)) return;
  const FieldDescription& input = session.sources[s]->description().inputs.front();
  LoaderOptions options;
  options.batch = kBatch;
  options.slots = {cut({0, kBatch}, place - holders.begin(), static_cast<int64_t>(holders.size()))};
  options.fields = {input.name};
  const auto loader = make_evaluation_loader(session.sources[s], Split::kTrain, options);
  const MultiTaskModel& model = *session.model;
  for (int64_t row = 0; row < session.sources[s]->rows(Split::kTrain); row += kBatch) {
    const Batch batch = loader->next();
    if (batch.rows() == 0) continue;
    const at::Tensor x = on_device(batch.fields.at(input.name), model.device());
    visit(model.shared(s,
                       prepare_input(x, input, session.config.precision(),
                                     model.input_statistics(session.config.sources[s].first)),
                       {}),
          batch.samples);
  }
}

}  // namespace trunkline
