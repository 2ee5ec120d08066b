// Step actions: when a session calls them, and that their states come back by name.
#include "trunkline/train/step_action.hpp"

#include <gtest/gtest.h>

#include "parity/training.hpp"
#include "support/h5_fixture.hpp"
#include "support/thread_world.hpp"
#include "trunkline/h5/io_thread.hpp"
#include "trunkline/train/session.hpp"

namespace trunkline::test {
namespace {

using Calls = std::vector<std::string>;

/// Writes down what it is asked for.
class Witness final : public StepAction {
 public:
  Witness(std::string name, Calls& calls) : name_(std::move(name)), calls_(calls) {}

  const std::string& name() const override { return name_; }
  void start(int64_t step) override { note("start", step); }
  void before(int64_t step) override { note("before", step); }
  nlohmann::json state() const override { return name_ + "'s"; }
  void restore(const nlohmann::json& state) override {
    calls_.push_back(name_ + " restores " + state.get<std::string>());
  }

 private:
  void note(const std::string& what, int64_t step) {
    calls_.push_back(name_ + " " + what + " " + std::to_string(step));
  }
  std::string name_;
  Calls& calls_;
};

/// Calls of two witnesses while a session restores, starts at step 3 and does two steps.
Calls calls_of_a_session(const nlohmann::json& states, nlohmann::json* kept = nullptr) {
  Calls calls;
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  run_ranks(1, [&](Communicator& world) {
    CommQueue queue;
    Ranks ranks{world, queue};
    TrainingSession training(read_config(config, {}), ranks, std::make_shared<IoThread>());
    StepActions actions;
    actions.push_back(std::make_unique<Witness>("a", calls));
    actions.push_back(std::make_unique<Witness>("b", calls));
    training.use(std::move(actions));
    training.restore_actions(states);
    training.start(3);
    for (const int64_t step : {3, 4}) training.step(step);
    if (kept != nullptr) *kept = training.action_states();
  });
  return calls;
}

TEST(StepActions, StartOnceAndComeBeforeEveryStepInTheirOrder) {
  EXPECT_EQ(calls_of_a_session({}), (Calls{"a start 3", "b start 3", "a before 3", "b before 3",
                                           "a before 4", "b before 4"}));
}

TEST(StepActions, GetBackTheirOwnStateBeforeTheyStart) {
  const Calls calls = calls_of_a_session({{"b", "old"}, {"gone", 1}});
  EXPECT_EQ(Calls(calls.begin(), calls.begin() + 2), (Calls{"b restores old", "a start 3"}));
}

TEST(StepActions, KeepTheirStatesByName) {
  nlohmann::json kept;
  calls_of_a_session({}, &kept);
  EXPECT_EQ(kept, (nlohmann::json{{"a", "a's"}, {"b", "b's"}}));
}

}  // namespace
}  // namespace trunkline::test
