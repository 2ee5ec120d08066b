// Which checkpoints are seen, kept and removed, also where a crash left things half done.
#include <filesystem>

#include "store/sample_checkpoint.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

class Retention : public testing::Test {
 protected:
  void save(std::initializer_list<int64_t> steps) {
    for (const int64_t step : steps) save_sample(run(), step);
  }
  std::vector<int64_t> steps() const {
    std::vector<int64_t> steps;
    for (const CheckpointEntry& entry : list_checkpoints(run())) steps.push_back(entry.step);
    return steps;
  }
  const std::filesystem::path& run() const { return run_.path(); }
  std::filesystem::path folder() const { return run() / "checkpoints"; }

 private:
  TemporaryFolder run_;
};

using Steps = std::vector<int64_t>;

TEST_F(Retention, ListsOldestFirst) {
  save({100000000, 9, 10});
  EXPECT_EQ(steps(), (Steps{9, 10, 100000000}));
}

TEST_F(Retention, ListsNothingWhereThereIsNoFolder) { EXPECT_TRUE(steps().empty()); }

TEST_F(Retention, ListsOnlyNamesOfCheckpoints) {
  save({5});
  for (const char* name : {".step-00000006.partial", "step-7", "step-0000000x", "step-", "step",
                           "step-000000008", "step-00000009 ", "best", "step--0000001"})
    std::filesystem::create_directory(folder() / name);
  EXPECT_EQ(steps(), (Steps{5}));
}

TEST_F(Retention, PruneKeepsTheNewestAndTheBest) {
  save({1, 2, 3, 4, 5});
  prune_checkpoints(run(), 2, 2);
  EXPECT_EQ(steps(), (Steps{2, 4, 5}));
  EXPECT_EQ(files_of(folder()).size(), 3u);
}

TEST_F(Retention, PruneRefusesToRemoveAll) {
  save({1});
  EXPECT_THROW(prune_checkpoints(run(), 0, std::nullopt), UsageError);
  EXPECT_EQ(steps(), (Steps{1}));
}

TEST_F(Retention, PruneRemovesLeftovers) {
  save({1});
  std::filesystem::create_directory(folder() / ".step-00000002.partial");
  prune_checkpoints(run(), 1, std::nullopt);
  EXPECT_EQ(files_of(folder()).size(), 1u);
}

TEST_F(Retention, PruneLeavesForeignFilesAlone) {
  save({1});
  set_content(folder() / "notes.txt", "mine");
  prune_checkpoints(run(), 1, std::nullopt);
  EXPECT_EQ(content_of(folder() / "notes.txt"), "mine");
}

// A replacement has two renames; these are the states that a crash can leave around them.
TEST_F(Retention, ACrashBetweenTheRenamesLeavesTheFormerCheckpoint) {
  save({40, 50});
  std::filesystem::rename(folder() / "step-00000050", folder() / "step-00000050.replaced");
  EXPECT_EQ(newest_valid_step(run()), 50);
}

TEST_F(Retention, ASaveAfterACrashBetweenTheRenamesKeepsTheFormerCheckpoint) {
  save({50});
  std::filesystem::rename(folder() / "step-00000050", folder() / "step-00000050.replaced");
  CheckpointWriter again(run(), 50, sample_layout(), kSampleBlockBytes);
  again.create();
  EXPECT_EQ(newest_valid_step(run()), 50);
  save({50});
  EXPECT_EQ(newest_valid_step(run()), 50);
  EXPECT_EQ(files_of(folder()).size(), 1u);
}

TEST_F(Retention, ACrashBehindTheRenamesLeavesTheNewCheckpoint) {
  save({50});
  std::filesystem::create_directory(folder() / "step-00000050.replaced");
  EXPECT_EQ(newest_valid_step(run()), 50);
  prune_checkpoints(run(), 1, std::nullopt);
  EXPECT_EQ(files_of(folder()).size(), 1u);
  EXPECT_EQ(newest_valid_step(run()), 50);
}

}  // namespace
}  // namespace trunkline
