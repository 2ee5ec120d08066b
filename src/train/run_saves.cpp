#include "trunkline/train/run_saves.hpp"

namespace trunkline {
namespace {

constexpr int kMaxFailures = 3;  // in a row, before a run that cannot save stops

}  // namespace

RunSaves::RunSaves(TrainingSession& training, const RunFolder* folder, RunClock& clock,
                   Logger logger, Ranks& ranks)
    : training_(training),
      folder_(folder),
      clock_(clock),
      logger_(std::move(logger)),
      ranks_(ranks),
      checkpoints_(training.session().config.run.dir, training.session().config,
                   training.session().plan, *training.session().model, ranks) {}

void RunSaves::restore(const CheckpointReader& reader, int64_t step) {
  checkpoints_.restore(reader, training_.optimizer(), training_.average(),
                       training_.action_tensors());
  last_step_ = step;
}

bool RunSaves::due(int64_t step, const StepOutcome& outcome) const {
  const int64_t every = training_.session().config.checkpoint.every_steps;
  return outcome.save || (every > 0 && step % every == 0);
}

void RunSaves::save(const RunState& state) {
  checkpoints_.save(state.step, to_json(state), training_.optimizer(), training_.average(),
                    training_.action_tensors());
  last_step_ = state.step;
  failures_ = 0;
  clock_.saved();
  agree(ranks_, [&] {
    if (folder_ != nullptr)
      prune_checkpoints(folder_->path(), training_.session().config.checkpoint.keep,
                        state.best ? std::optional(state.best->step) : std::nullopt);
  });
}

void RunSaves::try_save(const RunState& state) {
  try {
    save(state);
  } catch (const AgreedError& error) {
    if (error.code() != ExitCode::kCheckpoint || ++failures_ >= kMaxFailures) throw;
    clock_.saved();
    if (error.speaker())
      logger_->error("checkpoint at step {} failed ({} of {} tries): {}", state.step, failures_,
                     kMaxFailures, error.what());
  }
}

}  // namespace trunkline
