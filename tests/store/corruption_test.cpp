// Whatever happens to a committed checkpoint is noticed, and an older one takes its place.
#include <sys/stat.h>

#include <array>

#include "store/sample_checkpoint.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

class Corruption : public testing::Test {
 protected:
  Corruption() : old_(save_sample(run(), 40, 2)), path_(save_sample(run(), 50, 2)) {}
  const std::filesystem::path& run() const { return run_.path(); }
  const std::filesystem::path& older() const { return old_; }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path model() const { return path_ / "model.safetensors"; }

 private:
  TemporaryFolder run_;
  std::filesystem::path old_, path_;
};

TEST_F(Corruption, EveryFlippedBitIsDetected) {
  for (const auto& path : files_of(this->path())) {
    const std::string content = content_of(path);
    File file = File::open_for_writing(path);
    for (std::size_t i = 0; i < content.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      const auto byte = static_cast<std::byte>(content[i]);
      for (int bit = 0; bit < 8; ++bit) {
        file.write(at, std::array{byte ^ static_cast<std::byte>(1 << bit)});
        ASSERT_NE(refusal(this->path()), "") << path << ": byte " << i << ", bit " << bit;
      }
      file.write(at, std::array{byte});
    }
  }
  EXPECT_EQ(refusal(path()), "");
}

TEST_F(Corruption, EveryTruncationIsDetected) {
  for (const auto& file : files_of(path())) {
    const std::string content = content_of(file);
    for (std::size_t size = content.size(); size-- > 0;) {
      std::filesystem::resize_file(file, size);
      ASSERT_NE(refusal(path()), "") << file << ": " << size << " bytes";
    }
    set_content(file, content);
  }
  EXPECT_EQ(refusal(path()), "");
}

TEST_F(Corruption, AnAppendedByteIsDetected) {
  for (const auto& file : files_of(path())) {
    const std::string content = content_of(file);
    set_content(file, content + '\0');
    EXPECT_NE(refusal(path()), "") << file;
    set_content(file, content);
  }
}

TEST_F(Corruption, EveryMissingFileIsDetected) {
  for (const auto& file : files_of(path())) {
    const std::string content = content_of(file);
    std::filesystem::remove(file);
    EXPECT_NE(refusal(path()).find("No such file"), std::string::npos) << file;
    set_content(file, content);
  }
}

TEST_F(Corruption, SwappedFilesAreDetected) {
  const std::string content = content_of(model());
  set_content(model(), content_of(path() / "optimizer.safetensors"));
  set_content(path() / "optimizer.safetensors", content);
  EXPECT_NE(refusal(path()), "");
}

TEST_F(Corruption, EveryFileOfAnotherStepIsDetected) {
  for (const auto& file : files_of(path())) {
    const std::string content = content_of(file);
    set_content(file, content_of(older() / file.filename()));
    EXPECT_NE(refusal(path()), "") << file;
    set_content(file, content);
  }
}

TEST_F(Corruption, ACheckpointUnderTheNameOfAnotherStepIsDetected) {
  const std::filesystem::path renamed = run() / "checkpoints" / "step-00000060";
  std::filesystem::rename(path(), renamed);
  EXPECT_NE(refusal(renamed).find("manifest.json is of step 50"), std::string::npos);
}

TEST_F(Corruption, AnExtraFileIsNamed) {
  set_content(path() / "extra.safetensors", "");
  EXPECT_NE(refusal(path()).find("the manifest has no file \"extra.safetensors\""),
            std::string::npos);
}

TEST_F(Corruption, HiddenFilesOfNetworkFileSystemsDoNoHarm) {
  set_content(path() / ".nfs0001", "");
  EXPECT_EQ(refusal(path()), "");
}

TEST_F(Corruption, ANamedPipeDoesNotBlock) {
  std::filesystem::remove(model());
  ASSERT_EQ(::mkfifo(model().c_str(), 0600), 0);
  EXPECT_NE(refusal(path()).find("not a regular file"), std::string::npos);
}

TEST_F(Corruption, TheNewestValidCheckpointIsFoundAndTheReasonTold) {
  set_content(model(), content_of(model()).substr(0, 100));
  std::vector<std::string> reasons;
  EXPECT_EQ(newest_valid_step(run(), &reasons), 40);
  ASSERT_EQ(reasons.size(), 1u);
  EXPECT_NE(reasons[0].find("step-00000050/model.safetensors: has 100 bytes; the manifest says"),
            std::string::npos)
      << reasons[0];
}

TEST_F(Corruption, NothingIsFoundWhereNothingIsValid) {
  set_content(path() / "state.json", "{}");
  set_content(older() / "state.json", "{}");
  EXPECT_EQ(newest_valid_step(run()), -1);
}

}  // namespace
}  // namespace trunkline
