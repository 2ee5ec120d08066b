// Trains a few steps on ranks that are threads, and compares what came out.
#pragma once

#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "trunkline/train/config.hpp"
#include "trunkline/train/session.hpp"
#include "trunkline/train/step_action.hpp"

namespace trunkline::test {

/// All parameters of a run by full name, in float64, and their moving averages as "average of
/// NAME".
using Weights = std::map<std::string, std::vector<double>>;

/// "TASK.METRIC"; -1 where undefined.
using Metrics = std::map<std::string, double>;

struct Outcome {
  Weights weights;
  Metrics metrics;
};

/// How a run is cut over ranks, and in time.
struct Cut {
  std::string name;
  int ranks = 1;
  std::vector<std::string> overrides = {};  ///< of the config
  friend void PrintTo(const Cut& cut, std::ostream* out) { *out << cut.name; }
};

/// Four tasks on two sources, SGD with momentum, clipping, dropout, averages. @param folder
/// receives data and config
std::string write_parity_config(const std::string& folder);

/// A small ResNet with two tasks on images. @param folder receives data and config
std::string write_resnet_config(const std::string& folder);

/// Where trainings of tests compute: "cpu", or what TRUNKLINE_TEST_DEVICE says.
std::string test_device();

/// What every rank does after its last step, all at once.
using AtEnd = std::function<void(TrainingSession& training, Ranks& ranks)>;

/// A training on ranks that are threads, without files of its own. @param actions makes what
/// happens around steps, if anything
void train_on_ranks(const std::string& config, const Cut& cut, int64_t steps,
                    const StepActionsMaker& actions, const AtEnd& at_end);

/// Every parameter of every task after some steps, from init.from where it is given; ranks that
/// hold the same head must agree bit for bit.
Weights train_steps(const std::string& config, const Cut& cut, int64_t steps,
                    const StepActionsMaker& actions = {});

/// Trains and saves a checkpoint on one rank. @return its folder, in `folder`
std::string save_parent(const std::string& config, const std::string& folder,
                        const std::vector<std::string>& overrides = {}, int64_t steps = 10);

/// The same, and the metrics of the training rows.
Outcome outcome_of(const std::string& config, const Cut& cut, int64_t steps,
                   const StepActionsMaker& actions = {});

/// max over tensors of |a - b| / |b|.
double largest_difference(const Weights& a, const Weights& b);

}  // namespace trunkline::test
