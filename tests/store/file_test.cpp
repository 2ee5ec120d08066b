// Durable files: whole or unchanged, and errors that say what to do.
#include "trunkline/store/file.hpp"

#include <gtest/gtest.h>

#include "store/sample_checkpoint.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const CheckpointError& error) {
    return error.what();
  }
  return "no error";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class DurableFile : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "config.yaml"; }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

TEST_F(DurableFile, ReplacesTheTextAndLeavesNothingElse) {
  write_file_durably(path(), "a longer text");
  write_file_durably(path(), "new");
  EXPECT_EQ(content_of(path()), "new");
  EXPECT_EQ(files_of(folder()).size(), 1u);
}

TEST_F(DurableFile, GoesOnAfterACrash) {
  set_content(folder() / ".config.yaml.partial", "half");
  write_file_durably(path(), "new");
  EXPECT_EQ(content_of(path()), "new");
  EXPECT_EQ(files_of(folder()).size(), 1u);
}

TEST_F(DurableFile, AFullDiskIsToldWithBytesNeededAndFree) {
  File full = File::open_for_writing("/dev/full");
  const std::string message = error_of([&] { full.write(0, std::vector<std::byte>(1000)); });
  EXPECT_TRUE(contains(message, "/dev/full: cannot write 1000 bytes at 0: No space left"))
      << message;
  EXPECT_TRUE(contains(message, "; 1000 bytes are needed; ")) << message;
  EXPECT_TRUE(contains(message, " bytes are free; free space")) << message;
}

TEST_F(DurableFile, CreateRefusesAnExistingFile) {
  set_content(path(), "old");
  EXPECT_TRUE(
      contains(error_of([&] { File::create(path()); }), "cannot create the file: File exists"));
  EXPECT_EQ(content_of(path()), "old");
}

TEST_F(DurableFile, PreallocationSetsTheSize) {
  File file = File::create(path());
  file.preallocate(10000);
  EXPECT_EQ(file.size(), 10000);
}

TEST_F(DurableFile, ReadingPastTheEndIsAnError) {
  set_content(path(), "abc");
  const File file = File::open_for_reading(path());
  std::vector<std::byte> bytes(4);
  EXPECT_TRUE(contains(error_of([&] { file.read(1, bytes); }), "ends at byte 3; expected 2 more"));
}

TEST_F(DurableFile, ReadingAFolderIsAnError) {
  EXPECT_TRUE(contains(error_of([&] { File::open_for_reading(folder()); }), "not a regular file"));
}

TEST_F(DurableFile, ReadingObeysTheLimit) {
  set_content(path(), "abc");
  EXPECT_EQ(read_file(path(), 3), "abc");
  EXPECT_TRUE(contains(error_of([&] { read_file(path(), 2); }), "has 3 bytes; expected at most 2"));
}

TEST_F(DurableFile, FoldersAreCreatedWithTheirParents) {
  create_folders(folder() / "a" / "b" / "c");
  create_folders(folder() / "a" / "b" / "c");
  EXPECT_TRUE(std::filesystem::is_directory(folder() / "a" / "b" / "c"));
}

TEST_F(DurableFile, AFileInTheWayOfAFolderIsNamed) {
  set_content(path(), "");
  EXPECT_TRUE(
      contains(error_of([&] { create_folders(path() / "a"); }), "cannot create the folder"));
}

TEST_F(DurableFile, RemovingWhatIsNotThereIsFine) {
  EXPECT_EQ(error_of([&] { remove_tree(folder() / "none"); }), "no error");
}

}  // namespace
}  // namespace trunkline
