// The stream of batches that one rank reads of one source.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "trunkline/core/batch.hpp"
#include "trunkline/core/description.hpp"
#include "trunkline/core/keys.hpp"
#include "trunkline/data/row_groups.hpp"
#include "trunkline/data/sample_order.hpp"
#include "trunkline/h5/io_thread.hpp"

namespace trunkline {

/// `sources.S:` of the config.
struct SourceOptions {
  std::vector<std::string> file = {};  ///< PATH, PATH#/GROUP, a glob, or a list of these
  std::string input = {};              ///< empty: x, or the only data set with a usual name
  int64_t batch = 256;                 ///< global, per step
  std::string train = "train", valid = "valid",
              test = "test";  ///< split names, or fractions ("0.8")
  int64_t split_seed = 0;
  std::string tail = {};  ///< pad | drop | continuous; empty: pad where the source counts epochs
  int64_t window_bytes = 256 << 20;
  bool allow_fill = false;
  std::string normalize = "none";  ///< none | true: the model sees inputs of mean 0, deviation 1
};
void describe(Keys& keys, SourceOptions& options);

enum class Split { kTrain, kValid, kTest };

/// The opened files of one source: fields, splits, checks. Opening checks all that can be known
/// without decoding x (existence, types, lengths, labels in range, masks, weights). NaN in a
/// regression target is left to the task, which knows whether it means "missing". Shared by the
/// loaders of all ranks of a process; thread-safe.
///
/// Fields arrive as stored, in native byte order, except: u16 as i32, u32 and u64 as i64 (a value
/// above 2^63-1 is an error), bool as u8. Labels keep their shape, (n), (n,1) or one-hot (n,C).
class Source {
 public:
  struct Wanted {
    std::string name;                  ///< the source's name S
    std::vector<std::string> targets;  ///< target fields that tasks use; "" means "y"
    /// `tasks.T.kind` and `tasks.T.classes` by target field, where the config states them: they
    /// decide what its values are checked against.
    std::map<std::string, std::string> kinds = {};
    std::map<std::string, int64_t> classes = {};
    /// A task that uses the target field, for messages.
    std::map<std::string, std::string> tasks = {};
    std::string key = {};  ///< where the user named the files; empty: sources.S.file
  };
  /// @throws DataError, one line "source S: FILE:/dataset rows A-B: what; hint"; where a file
  /// cannot be opened, "sources.S.file: FILE: what; hint". With a key both begin with the key
  /// instead.
  static std::shared_ptr<Source> open(const SourceOptions& options, const Wanted& wanted,
                                      std::shared_ptr<IoThread> io);
  virtual ~Source() = default;

  virtual const SourceDescription& description() const = 0;  ///< rows are those of the train split
  virtual int64_t rows(Split split) const = 0;               ///< 0 where the split does not exist
  /// Hash of what makes the files these files: sizes, shapes, types, first and last rows.
  virtual uint64_t fingerprint() const = 0;
  /// The rows of a split, for loaders. @throws DataError where the split does not exist
  virtual const RowGroups& row_groups(Split split) const = 0;
  /// Leaves the other rows out of the train split; before any loader reads it.
  /// @param kept one per row of the split, at least one of them true
  virtual void keep_training_rows(const std::vector<bool>& kept) = 0;
};

/// Where a training stream stands: batches taken since the start of the run.
struct LoaderOptions {
  uint64_t seed = 0;  ///< run.seed
  int64_t batch = 0;  ///< B
  std::string tail =
      "pad";  ///< pad | drop | continuous, after the rule for several sources has been applied
  std::vector<SlotRange> slots;     ///< what this rank reads: ascending, disjoint
  std::vector<std::string> fields;  ///< to deliver, with their companions; empty: all
  int64_t first_batch = 0;          ///< resume here, in O(1); counted from the run's first step
  OrderOrigin origin;               ///< of the training stream
  int64_t prefetch = 2;             ///< batches read ahead
};

/// Reads ahead on its own thread, in blocks. `next` is called by one thread.
class Loader {
 public:
  virtual ~Loader() = default;

  /// The next batch of the training stream; blocks until it is there. @throws DataError
  virtual Batch next() = 0;
};

/// The shuffled, endless training stream in the canonical order (sample_order.hpp).
std::unique_ptr<Loader> make_training_loader(std::shared_ptr<Source> source,
                                             const LoaderOptions& options);

/// One pass over a split in file order: ceil(rows/batch) batches, then batches without rows.
/// `seed`, `tail` unused.
std::unique_ptr<Loader> make_evaluation_loader(std::shared_ptr<Source> source, Split split,
                                               const LoaderOptions& options);

/// The parameters of the training order that a run fixes at its start, for checkpoints.
OrderParameters order_parameters(const Source& source, int64_t batch);

}  // namespace trunkline
