// What happens around joint steps, or in their place: clusters that are refreshed, episodes that
// are learned from.
// Implemented in learn, created by app, driven by the session.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trunkline/core/log.hpp"
#include "trunkline/core/state.hpp"

namespace trunkline {

class TrainingSession;
struct TaskMetrics;

/// What a step that an action takes has learned from, per task.
struct TakenStep {
  std::vector<double> loss_sums;  ///< over this rank's share
  std::vector<double> weights;    ///< what the sums over all ranks are divided by; 0: took no part
};

/// Something that is done between steps, on every rank in the same order: start, before and restore
/// may communicate through the session's ranks. One thread.
class StepAction {
 public:
  virtual ~StepAction() = default;

  /// Key of its state in state.json; unique in a run.
  virtual const std::string& name() const = 0;

  /// Once per process, when parameters are those of the first step that is done here, be they
  /// initial, another run's or restored. Without restore() before it the run is a fresh one.
  /// @throws AgreedError where config and data do not fit
  virtual void start(int64_t first_step) = 0;

  /// Right before step `step`, each step that is done here.
  virtual void before(int64_t step) = 0;

  /// Whether it does this step in place of the joint one, which then happens later: the data
  /// streams stand still. Depends on config and step alone.
  virtual bool takes(int64_t step) const;
  /// For a step that it takes: adds this rank's share of the gradient to the parameters' gradients,
  /// which have been cleared. The trainer sums them over the ranks and goes on as in a joint step.
  /// No collectives. @throws an error of this rank alone
  virtual TakenStep gradients(int64_t step);
  /// Metrics that it adds to an evaluation, of the split that evaluate.split names. Collective.
  virtual std::vector<TaskMetrics> evaluate();

  /// What of it outlives the process, equal on all ranks and in all layouts.
  virtual nlohmann::json state() const = 0;
  /// @throws CheckpointError where a member is missing or of the wrong type
  virtual void restore(const nlohmann::json& state) = 0;
  /// Tensors that outlive the process too and are not parameters, the same list on all ranks. Each
  /// is named after the part of the model that it belongs to ("heads.T.targets"); its bytes are
  /// empty where the part is not held. Filled in place after restore() and before start().
  virtual std::vector<NamedView> tensors();
};

using StepActions = std::vector<std::unique_ptr<StepAction>>;

/// The actions that the session's config asks for; they may keep references to the session.
using StepActionsMaker = std::function<StepActions(TrainingSession&, const Logger&)>;

}  // namespace trunkline
