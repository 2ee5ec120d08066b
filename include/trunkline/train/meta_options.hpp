// How a run learns from episodes: `meta:` of the config.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"

namespace trunkline {

struct Config;

/// `meta.evaluate:`
struct MetaEvaluateOptions {
  int64_t episodes = 600;
  Optional<int64_t> steps;  ///< of the inner loop; absent: as in training
};
void describe(Keys& keys, MetaEvaluateOptions& options);

/// `meta:` of the config. Every task on one of the sources learns from episodes; where a source has
/// tasks of the kind few_shot, those alone.
struct MetaOptions {
  std::string algorithm;             ///< maml | fomaml | anil | reptile; empty: no meta-learning
  int64_t every = 1;                 ///< every n-th step is a meta-step
  std::vector<std::string> sources;  ///< that episodes are drawn from
  int64_t ways = 5;                  ///< classes of an episode
  int64_t shots = 1, queries = 15;   ///< rows per class (few_shot) or per episode (other kinds)
  int64_t tasks = 32;                ///< M: episodes of a meta-step, over all ranks
  int64_t inner_steps = 1;           ///< K
  double inner_rate = 0.1;           ///< alpha
  int64_t inner_batch = 0;           ///< reptile: rows of an inner step; 0: all of the episode
  bool second_order = true;          ///< anil: whether the inner loop is differentiated
  double weight = 1.0;               ///< factor of the mean loss of the meta-batch
  MetaEvaluateOptions evaluate;
  int64_t memory_bytes = int64_t{1} << 30;  ///< most that a split of a source may take

  bool given() const { return !algorithm.empty(); }
  bool head_only() const { return algorithm == "anil"; }  ///< what the inner loop adapts
  /// Whether the meta-gradient goes through the steps of the inner loop.
  bool through_inner_loop() const {
    return algorithm == "maml" || (algorithm == "anil" && second_order);
  }
};
void describe(Keys& keys, MetaOptions& options);

/// Checks `meta:` against sources and tasks, and gives few_shot tasks their number of classes.
/// @param path of the config, for messages   @throws UsageError
void connect_meta(Config& config, const std::string& path);

/// Tasks that learn from episodes, ascending.
std::vector<std::size_t> meta_tasks(const Config& config);

}  // namespace trunkline
