// Episodes: small tasks with rows to adapt to and rows to be judged by, drawn from a source.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "trunkline/core/batch.hpp"
#include "trunkline/core/description.hpp"
#include "trunkline/model/context.hpp"
#include "trunkline/model/task.hpp"
#include "trunkline/train/agreement.hpp"
#include "trunkline/train/sources.hpp"

namespace trunkline {

/// Where episodes come from and what they are for. References outlive those who hold this.
struct EpisodeSetting {
  const Config& config;
  const Sources& sources;
  const Plan& plan;
  const MultiTaskModel& model;
  Ranks& ranks;
};

/// Rows of an episode, on the model's device.
struct EpisodeRows {
  at::Tensor x;  ///< prepared input (n, shape…)
  Target target;
  Context context;
  int64_t rows() const { return x.size(0); }
};

struct Episode {
  EpisodeRows support, query;
};

/// Rows of a split of a source, in memory.
struct SplitRows {
  FieldDescription input;
  Batch batch;  ///< all of them; fields as stored
};

/// Reads a split. @param label of the source, for messages
/// @throws DataError where it has no rows, or takes more than `memory_bytes`
std::shared_ptr<const SplitRows> read_split(const std::shared_ptr<Source>& source, Split split,
                                            int64_t memory_bytes, const std::string& label);

/// The class of each row, -1 where it has no label. Labels: numbers, or one-hot rows.
std::vector<int64_t> classes_of(const std::string& task, const TaskOptions& options,
                                const FieldDescription& field, const Batch& batch);

/// Draws the episodes of one task from a split. For a few_shot task an episode has `ways` classes,
/// numbered in the order of a keyed permutation, with `shots` and `queries` rows each; classes with
/// fewer rows are left out. For other kinds it has `shots` and `queries` rows with their labels.
/// What is drawn depends on a key alone. Immutable; safe from several threads.
class EpisodePool {
 public:
  /// @throws DataError where there are too few classes or rows
  EpisodePool(const EpisodeSetting& setting, std::size_t task, Split split,
              std::shared_ptr<const SplitRows> rows);

  std::size_t task() const { return task_; }
  std::size_t source() const { return source_; }
  int64_t classes() const { return static_cast<int64_t>(members_.size()); }

  /// @param context of the forward pass, without rows
  Episode draw(uint64_t key, const Context& context) const;
  /// All rows of an episode as its support, and no query: Reptile's.
  EpisodeRows draw_whole(uint64_t key, const Context& context) const;

 private:
  struct Chosen {
    std::vector<int64_t> rows, labels;
  };
  void group_by_class();
  void take_labelled();
  void check_size() const;
  void choose(uint64_t key, int64_t first, int64_t count, Chosen& chosen) const;
  EpisodeRows take(const Chosen& chosen, const Context& context) const;

  EpisodeSetting setting_;
  std::size_t task_, source_;
  Split split_;
  std::shared_ptr<const SplitRows> rows_;
  bool few_shot_;
  int64_t ways_;                               ///< 1 for other kinds
  Target targets_;                             ///< of all rows, for other kinds
  std::vector<std::vector<int64_t>> members_;  ///< rows per class; one list for other kinds
};

/// A pool for each of meta_tasks(); rows of a source are read once.
std::vector<EpisodePool> make_pools(const EpisodeSetting& setting, Split split);

/// Deals episodes, given by their tasks, to the ranks that hold the heads: each to the holder with
/// the fewest so far, the lowest of equals. @return rank per episode
std::vector<int> deal_episodes(const std::vector<std::size_t>& tasks, const Plan& plan);

}  // namespace trunkline
