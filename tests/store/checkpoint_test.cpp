// Saving and loading: what is written comes back, whoever wrote which block.
#include "trunkline/store/checkpoint.hpp"

#include <sys/stat.h>

#include "store/sample_checkpoint.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

class Checkpoint : public testing::Test {
 protected:
  CheckpointWriter writer(int64_t step) const {
    return {run_.path(), step, sample_layout(), kSampleBlockBytes};
  }
  const std::filesystem::path& run() const { return run_.path(); }

 private:
  TemporaryFolder run_;
};

TEST_F(Checkpoint, ComesBackAsWritten) {
  const CheckpointReader reader(save_sample(run(), 50));
  reader.verify();
  EXPECT_EQ(reader.step(), 50);
  EXPECT_TRUE(holds_sample(reader, 50));
}

TEST_F(Checkpoint, HasThePathThatTheRunFolderPromises) {
  EXPECT_EQ(save_sample(run(), 50), run() / "checkpoints" / "step-00000050");
}

TEST_F(Checkpoint, KeepsTensorsInTheGivenOrder) {
  const CheckpointReader reader(save_sample(run(), 50));
  ASSERT_EQ(reader.layout().size(), 2u);
  const std::vector<TensorLayout>& tensors = reader.layout().at("model.safetensors");
  ASSERT_EQ(tensors.size(), 3u);
  EXPECT_EQ(tensors[1].name, "trunk.empty");
  EXPECT_EQ(tensors[1].shape, (std::vector<int64_t>{0, 3}));
  EXPECT_EQ(tensors[2].dtype, DType::kF64);
}

TEST_F(Checkpoint, IsTheSameBytesForAnyNumberOfRanks) {
  const std::filesystem::path one = save_sample(run() / "one", 50, 1);
  const std::filesystem::path five = save_sample(run() / "five", 50, 5);
  ASSERT_EQ(files_of(one).size(), 4u);
  for (const auto& file : files_of(one))
    EXPECT_EQ(content_of(file), content_of(five / file.filename())) << file;
}

TEST_F(Checkpoint, CanHaveAFileWithoutTensors) {
  CheckpointWriter empty(run(), 1, {{"optimizer.safetensors", {}}});
  empty.create();
  empty.sync();
  empty.commit({}, {});
  const CheckpointReader reader(empty.path());
  reader.verify();
  EXPECT_TRUE(reader.layout().at("optimizer.safetensors").empty());
}

TEST_F(Checkpoint, IsNotSeenBeforeCommit) {
  CheckpointWriter writer = this->writer(50);
  writer.create();
  const auto hashes = write_share(writer, 50, 0, 1);
  writer.sync();
  EXPECT_TRUE(list_checkpoints(run()).empty());
  writer.commit(sample_state(50), hashes);
  EXPECT_EQ(list_checkpoints(run()).size(), 1u);
}

TEST_F(Checkpoint, RefusesToCommitABlockThatNobodyWrote) {
  CheckpointWriter writer = this->writer(50);
  writer.create();
  auto hashes = write_share(writer, 50, 0, 1);
  writer.sync();
  hashes.erase(hashes.begin() + 2);
  EXPECT_THROW(writer.commit(sample_state(50), hashes), BugError);
}

TEST_F(Checkpoint, RefusesToCommitABlockThatTwoRanksWrote) {
  CheckpointWriter writer = this->writer(50);
  writer.create();
  auto hashes = write_share(writer, 50, 0, 1);
  writer.sync();
  hashes.push_back(hashes.back());
  EXPECT_THROW(writer.commit(sample_state(50), hashes), BugError);
}

TEST_F(Checkpoint, RefusesBytesOfAnotherSize) {
  CheckpointWriter writer = this->writer(50);
  writer.create();
  EXPECT_THROW(writer.write("model.safetensors", "heads.a.bias", std::vector<std::byte>(4), 0, 1),
               BugError);
}

TEST_F(Checkpoint, DiscardLeavesNothing) {
  CheckpointWriter writer = this->writer(50);
  writer.create();
  write_share(writer, 50, 0, 1);
  writer.discard();
  EXPECT_TRUE(files_of(run() / "checkpoints").empty());
}

TEST_F(Checkpoint, ReplacesOneOfTheSameStep) {
  save_sample(run(), 50);
  CheckpointWriter again = writer(50);
  again.create();
  const auto hashes = write_share(again, 51, 0, 1);
  again.sync();
  again.commit(sample_state(51), hashes);
  EXPECT_TRUE(holds_sample(CheckpointReader(again.path()), 51));
  EXPECT_EQ(files_of(run() / "checkpoints").size(), 1u);
}

TEST_F(Checkpoint, ReadsWhileItIsRemoved) {
  const CheckpointReader reader(save_sample(run(), 50));
  std::filesystem::remove_all(reader.path());
  EXPECT_TRUE(holds_sample(reader, 50));
}

TEST_F(Checkpoint, ReadNamesAnUnknownTensor) {
  const CheckpointReader reader(save_sample(run(), 50));
  EXPECT_THROW(reader.read("model.safetensors", "heads.b.bias", {}), CheckpointError);
}

TEST_F(Checkpoint, ReadNamesTheBlockThatChanged) {
  const std::filesystem::path path = save_sample(run(), 50);
  const CheckpointReader reader(path);
  File file = File::open_for_writing(path / "optimizer.safetensors");
  file.write(file.size() - 1, std::vector<std::byte>(1));
  std::vector<std::byte> bytes(64);
  try {
    reader.read("optimizer.safetensors", "trunk.step", bytes);
    FAIL() << "the change went unnoticed";
  } catch (const CheckpointError& error) {
    EXPECT_NE(std::string(error.what()).find("tensor \"trunk.step\", block 1: not what was"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(Checkpoint, ObeysTheUmask) {
  const mode_t before = ::umask(027);
  const std::filesystem::path path = save_sample(run(), 50);
  ::umask(before);
  struct stat status = {};
  ASSERT_EQ(::stat((path / "model.safetensors").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0750u);
}

}  // namespace
}  // namespace trunkline
