// Reading rows of every accepted type, and refusing what would be read wrongly.
#include "trunkline/h5/dataset.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "support/h5_fixture.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/h5/io_thread.hpp"

namespace trunkline::h5 {
namespace {

using test::H5Writer;

class DatasetTest : public ::testing::Test {
 protected:
  // Rows [first, first + count) of /x as delivered.
  template <class T>
  std::vector<T> read(int64_t first, int64_t count, bool allow_fill = false) {
    std::vector<T> values;
    io_.run([&] {
      const File file(path_);
      const Dataset dataset(file, "/x", allow_fill);
      ASSERT_EQ(size_of(dataset.type().delivered), sizeof(T));
      values.resize(static_cast<std::size_t>(count * dataset.row_elements()));
      dataset.read(first, count, reinterpret_cast<std::byte*>(values.data()));
    });
    return values;
  }

  std::string refusal(const std::string& name = "/x") {
    return test::message_of([&] { io_.run([&] { Dataset(File(path_), name); }); });
  }
  ::testing::AssertionResult refuses(const std::string& what, const std::string& name = "/x") {
    const std::string message = refusal(name);
    if (message.find(what) != std::string::npos) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << '"' << message << '"';
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_ / "file.h5";
  IoThread io_;
};

TEST_F(DatasetTest, ReadsBlocksOfRows) {
  H5Writer(path_).write("x", {5, 2}, test::counting<int32_t>(10));
  EXPECT_EQ(read<int32_t>(1, 2), (std::vector<int32_t>{2, 3, 4, 5}));
}

TEST_F(DatasetTest, ReadsChunksThatSplitRows) {
  H5Writer(path_).write("x", {7, 5}, test::counting<int32_t>(35), {.chunk = {3, 2}, .gzip = 1});
  EXPECT_EQ(read<int32_t>(0, 7), test::counting<int32_t>(35));
}

TEST_F(DatasetTest, BigEndianNumbersArriveInNativeOrder) {
  H5Writer(path_).column<float>("x", {1.5F, -2}, {.file_type = H5T_IEEE_F32BE});
  EXPECT_EQ(read<float>(0, 2), (std::vector<float>{1.5F, -2}));
}

TEST_F(DatasetTest, UnsignedTypesAreWidened) {
  H5Writer(path_).column<uint16_t>("x", {65535}, {.file_type = H5T_STD_U16BE});
  EXPECT_EQ(read<int32_t>(0, 1), std::vector<int32_t>{65535});
  H5Writer(path_).column<uint32_t>("x", {4294967295U});
  EXPECT_EQ(read<int64_t>(0, 1), std::vector<int64_t>{4294967295});
}

TEST_F(DatasetTest, AnUnsignedNumberThatDoesNotFitIsAnError) {
  H5Writer(path_).column<uint64_t>("x", {1, uint64_t{1} << 63});
  EXPECT_EQ(test::message_of([&] { read<int64_t>(0, 2); }),
            path_ + ":/x row 1: a value above 2^63-1 is out of range");
}

TEST_F(DatasetTest, HalfPrecisionIsKept) {
  const hid_t half = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(half, 15, 10, 5, 0, 10);
  H5Tset_size(half, 2);
  H5Tset_ebias(half, 15);
  H5Writer(path_).column<float>("x", {1, -2, 65504}, {.file_type = half});
  H5Tclose(half);
  const std::vector<uint16_t> bits = read<uint16_t>(0, 3);
  EXPECT_EQ(bits, (std::vector<uint16_t>{0x3C00, 0xC000, 0x7BFF}));
  EXPECT_EQ(as_doubles(DType::kF16, reinterpret_cast<const std::byte*>(bits.data()), 3),
            (std::vector<double>{1, -2, 65504}));
}

TEST_F(DatasetTest, BooleansArriveAsBytes) {
  const hid_t boolean = H5Tenum_create(H5T_NATIVE_INT8);
  const int8_t values[] = {0, 1};
  H5Tenum_insert(boolean, "FALSE", &values[0]);
  H5Tenum_insert(boolean, "TRUE", &values[1]);
  {
    H5Writer file(path_);
    const hsize_t rows = 2;
    const hid_t space = H5Screate_simple(1, &rows, nullptr);
    const hid_t set =
        H5Dcreate2(file.id(), "x", boolean, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, boolean, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(set);
    H5Sclose(space);
  }
  H5Tclose(boolean);
  EXPECT_EQ(read<uint8_t>(0, 2), (std::vector<uint8_t>{0, 1}));
}

TEST_F(DatasetTest, AMissingDataSetIsAnsweredWithWhatIsThere) {
  H5Writer(path_).write("x", {2, 3}, test::counting<uint8_t>(6)).column<int64_t>("y", {1, 2});
  EXPECT_EQ(refusal("/labels"), path_ + ":/labels: no such data set; / has: x (2,3) u8, y (2) i64");
}

TEST_F(DatasetTest, TypesThatCannotBeTrainedOnAreNamed) {
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, 8);
  H5Writer(path_).column<uint8_t>("x", {1}, {.file_type = text, .written = false});
  H5Tclose(text);
  EXPECT_TRUE(refuses("type fixed-length string"));
}

TEST_F(DatasetTest, IntegersOfUnusualWidthAreRefused) {
  const hid_t odd = H5Tcopy(H5T_STD_I32LE);
  H5Tset_precision(odd, 17);
  H5Writer(path_).column<int32_t>("x", {1}, {.file_type = odd});
  H5Tclose(odd);
  EXPECT_TRUE(refuses("type unusual integer"));
}

TEST_F(DatasetTest, AGroupIsNotADataSet) {
  H5Writer(path_).column<int32_t>("x/y", {1});
  EXPECT_TRUE(refuses(":/x: is a group; expected a data set. It has: y (1) i32"));
}

TEST_F(DatasetTest, DeclaredButUnwrittenDataAreRefused) {
  H5Writer(path_).column<int32_t>("x", {1, 2}, {.written = false});
  EXPECT_TRUE(refuses("never written"));
}

TEST_F(DatasetTest, AnUnwrittenChunkIsNamedByItsRows) {
  {
    H5Writer file(path_);
    file.column("x", test::counting<int32_t>(10), {.chunk = {4}, .written = false});
    const hid_t set = H5Dopen2(file.id(), "x", H5P_DEFAULT);
    const hsize_t offset[] = {0};
    const std::vector<int32_t> chunk(4, 7);
    H5Dwrite_chunk(set, H5P_DEFAULT, 0, offset, 16, chunk.data());
    H5Dclose(set);
  }
  EXPECT_TRUE(refuses(":/x rows 4-7: chunk never written"));
  EXPECT_EQ(read<int32_t>(2, 4, true), (std::vector<int32_t>{7, 7, 0, 0}));
}

TEST_F(DatasetTest, ExternalLinksAreNotFollowed) {
  H5Writer(folder_ / "other.h5").column<int32_t>("x", {1});
  {
    H5Writer file(path_);
    H5Lcreate_external("other.h5", "/x", file.id(), "x", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("other.h5", "/", file.id(), "g", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/x", file.id(), "soft", H5P_DEFAULT, H5P_DEFAULT);
  }
  EXPECT_TRUE(refuses("external link to other.h5:/x"));
  EXPECT_TRUE(refuses("no such data set", "/g/x"));
  EXPECT_TRUE(refuses("link to /x", "/soft"));
}

TEST_F(DatasetTest, ExternalStorageIsRefused) {
  folder_.text("raw", std::string(8, '\0'));
  {
    H5Writer file(path_);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(creation, (folder_ / "raw").c_str(), 0, 8);
    const hsize_t rows = 2;
    const hid_t space = H5Screate_simple(1, &rows, nullptr);
    H5Dclose(
        H5Dcreate2(file.id(), "x", H5T_NATIVE_INT32, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    H5Sclose(space);
    H5Pclose(creation);
  }
  EXPECT_TRUE(refuses("external raw files"));
}

TEST_F(DatasetTest, VirtualDataSetsAreRefused) {
  {
    H5Writer file(path_);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t rows = 2;
    const hid_t space = H5Screate_simple(1, &rows, nullptr);
    H5Pset_virtual(creation, space, "other.h5", "x", space);
    H5Dclose(
        H5Dcreate2(file.id(), "x", H5T_NATIVE_INT32, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    H5Sclose(space);
    H5Pclose(creation);
  }
  EXPECT_TRUE(refuses("virtual data sets are not read"));
}

TEST_F(DatasetTest, NothingIsPrintedByTheLibrary) {
  H5Writer(path_).column<int32_t>("x", {1});
  ::testing::internal::CaptureStderr();
  refusal("/absent/deeper");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace trunkline::h5
