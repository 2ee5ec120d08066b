// What is said of files that are not what they should be.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/h5_fixture.hpp"
#include "trunkline/h5/file.hpp"

namespace trunkline::h5 {
namespace {

class FileCheck : public ::testing::Test {
 protected:
  std::string refusal(const std::string& path) {
    return test::message_of([&] { check_file(path); });
  }
  std::string refusal_of_content(const std::string& content) {
    return refusal(folder_.text("file.h5", content));
  }
  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  test::TemporaryFolder folder_;
};

TEST_F(FileCheck, AMissingFileIsNamed) {
  EXPECT_EQ(refusal(folder_ / "absent.h5"), (folder_ / "absent.h5") + ": no such file");
}

TEST_F(FileCheck, AnEmptyFileIsSaidToBeEmpty) {
  EXPECT_TRUE(contains(refusal_of_content(""), "is empty (0 bytes)"));
}

TEST_F(FileCheck, AFolderIsSaidToBeOne) {
  EXPECT_TRUE(contains(refusal(folder_ / ""), "is a folder"));
}

TEST_F(FileCheck, OtherFormatsAreRecognised) {
  EXPECT_TRUE(contains(refusal_of_content("<!DOCTYPE html><html>"), "an HTML page"));
  EXPECT_TRUE(contains(refusal_of_content("\x1f\x8b\x08 gzip"), "gzip"));
  EXPECT_TRUE(contains(refusal_of_content("PK\x03\x04 zip"), "zip or npz"));
  EXPECT_TRUE(contains(refusal_of_content("version https://git-lfs.github.com/spec/v1\n"),
                       "Git LFS pointer"));
  EXPECT_TRUE(contains(refusal_of_content("a,b,c\n1,2,3\n"), "text (12 bytes)"));
}

TEST_F(FileCheck, APipeIsRefusedWithoutWaiting) {
  const std::string path = folder_ / "pipe.h5";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_TRUE(contains(refusal(path), "not a regular file"));
}

TEST_F(FileCheck, ALinkToItselfIsRefused) {
  std::filesystem::create_symlink("loop.h5", folder_ / "loop.h5");
  EXPECT_TRUE(contains(refusal(folder_ / "loop.h5"), "symbolic links"));
}

TEST_F(FileCheck, ATruncatedFileIsSaidToBe) {
  const std::string path = folder_ / "cut.h5";
  test::H5Writer(path).column("x", test::counting<int32_t>(1000));
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_TRUE(contains(refusal(path), "truncated"));
  EXPECT_TRUE(contains(refusal(path), "50.0 % are missing"));
}

TEST_F(FileCheck, AWholeFileIsAccepted) {
  test::H5Writer(folder_ / "whole.h5").column("x", test::counting<int32_t>(10));
  EXPECT_EQ(refusal(folder_ / "whole.h5"), "");
}

}  // namespace
}  // namespace trunkline::h5
