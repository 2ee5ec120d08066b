// The streaming writer of HDF5 files.
#include "trunkline/h5/writer.hpp"

#include <sys/resource.h>

#include <csignal>
#include <numeric>

#include "convert/files.hpp"

namespace trunkline::h5 {
namespace {

std::vector<int32_t> count_up(std::size_t n) {
  std::vector<int32_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

class WriterTest : public testing::Test {
 protected:
  void write_numbers(const std::string& path, std::size_t rows, std::size_t at_once,
                     const DatasetLayout& layout) {
    Writer writer(path, false, io_);
    DatasetWriter& dataset = writer.create(layout);
    const std::vector<int32_t> numbers = count_up(rows * 3);
    const std::span<const int32_t> all(numbers);
    for (std::size_t row = 0; row < rows; row += at_once)
      dataset.append(all.subspan(3 * row, 3 * std::min(at_once, rows - row)));
    writer.finish();
  }

  TemporaryFolder folder_;
  std::shared_ptr<IoThread> io_ = std::make_shared<IoThread>();
};

TEST_F(WriterTest, ReadsBackWhatWasAppendedInPiecesOfAnySize) {
  const DatasetLayout layout = {"a/b/n", DType::kI32, 100, {3}, {7, 2}};
  for (const std::size_t at_once : {1u, 6u, 100u}) {
    const std::string path = folder_ / std::to_string(at_once);
    write_numbers(path, 100, at_once, layout);
    EXPECT_EQ(values_of<int32_t>(path, "a/b/n"), count_up(300));
    EXPECT_EQ(chunk_of(path, "a/b/n"), (std::vector<hsize_t>{7, 2}));
  }
  EXPECT_EQ(read_file(folder_ / "1"), read_file(folder_ / "100"));
}

TEST_F(WriterTest, ChunksHoldWholeRowsAndAboutOneMebibyte) {
  const std::vector<int64_t> picture = {3, 32, 32};
  EXPECT_EQ(row_chunk({"x", DType::kU8, 1000, picture}), (std::vector<int64_t>{341, 3, 32, 32}));
  EXPECT_EQ(row_chunk({"x", DType::kU8, 5, picture}), (std::vector<int64_t>{5, 3, 32, 32}));
  EXPECT_EQ(row_chunk({"x", DType::kF64, 5, {1 << 20}}), (std::vector<int64_t>{1, 1 << 20}));
}

TEST_F(WriterTest, FiltersAreWhatTheLayoutAsksFor) {
  write_numbers(folder_ / "gzip", 10, 10, {"n", DType::kI32, 10, {3}, {}, true, 4});
  const Opened opened(folder_ / "gzip", "n");
  const hid_t list = H5Dget_create_plist(opened.id());
  unsigned flags = 0, configuration = 0;
  EXPECT_EQ(H5Pget_nfilters(list), 2);
  EXPECT_GE(H5Pget_filter_by_id2(list, H5Z_FILTER_DEFLATE, &flags, nullptr, nullptr, 0, nullptr,
                                 &configuration),
            0);
  EXPECT_GE(H5Pget_filter_by_id2(list, H5Z_FILTER_FLETCHER32, &flags, nullptr, nullptr, 0, nullptr,
                                 &configuration),
            0);
  H5Pclose(list);
}

TEST_F(WriterTest, AttributesKeepTextNumbersAndLists) {
  const std::string path = folder_ / "f.h5";
  Writer writer(path, false, io_);
  writer.create({"g/n", DType::kU8, 1}).append(uint8_t{1});
  writer.attribute("/", "text", "grün");
  writer.attribute("g", "integer", 7);
  writer.attribute("g", "number", 0.5);
  writer.attribute("g/n", "texts", std::vector<std::string>{"a", "bcd"});
  writer.attribute("g/n", "numbers", std::vector<double>{0.25});
  EXPECT_GT(writer.finish(), 0);
  EXPECT_EQ(attribute_bytes(path, "/", "text"), "grün");
  EXPECT_EQ(number_attribute<int64_t>(path, "g", "integer"), 7);
  EXPECT_EQ(number_attribute<double>(path, "g", "number"), 0.5);
  EXPECT_EQ(attribute_bytes(path, "g/n", "texts"), std::string("a\0\0bcd", 6));
  EXPECT_EQ(number_attribute<double>(path, "g/n", "numbers"), 0.25);
}

TEST_F(WriterTest, LeavesNothingWithoutFinish) {
  { Writer(folder_ / "f.h5", false, io_).create({"n", DType::kU8, 1}).append(uint8_t{1}); }
  EXPECT_TRUE(folder_.empty());
}

TEST_F(WriterTest, RefusesToReplaceAFileUnlessForced) {
  write_file(folder_ / "f.h5", "precious");
  EXPECT_THROW(Writer(folder_ / "f.h5", false, io_), UsageError);
  EXPECT_EQ(read_file(folder_ / "f.h5"), "precious");

  Writer writer(folder_ / "f.h5", true, io_);
  writer.create({"n", DType::kU8, 1}).append(uint8_t{1});
  EXPECT_EQ(read_file(folder_ / "f.h5"), "precious");  // until the new one is whole
  writer.finish();
  EXPECT_EQ(values_of<uint8_t>(folder_ / "f.h5", "n"), std::vector<uint8_t>{1});
}

TEST_F(WriterTest, RefusesAFolderThatDoesNotExist) {
  EXPECT_THROW(Writer(folder_ / "no/f.h5", false, io_), UsageError);
}

TEST_F(WriterTest, RefusesRowsThatWereNotAnnouncedAndMissesThoseThatWere) {
  Writer writer(folder_ / "f.h5", false, io_);
  DatasetWriter& dataset = writer.create({"n", DType::kU8, 2});
  dataset.append(uint8_t{1});
  EXPECT_THROW(writer.finish(), BugError);
  dataset.append(uint8_t{2});
  EXPECT_THROW(dataset.append(uint8_t{3}), BugError);
  EXPECT_THROW(dataset.append(int64_t{3}), BugError);
}

// A limit on the size of files stands for a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, SIG_IGN);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(WriterTest, SaysSoAndLeavesNothingWhenTheDiskIsFull) {
  try {
    const FileSizeLimit limit(1 << 20);
    write_numbers(folder_ / "f.h5", 1 << 20, 1 << 10, {"n", DType::kI32, 1 << 20, {3}});
    FAIL() << "nothing was thrown";
  } catch (const CheckpointError& error) {
    EXPECT_NE(std::string(error.what()).find("f.h5.tmp:/n: cannot be written (File too large)"),
              std::string::npos)
        << error.what();
  }
  EXPECT_TRUE(folder_.empty());
}

}  // namespace
}  // namespace trunkline::h5
