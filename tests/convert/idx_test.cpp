// idx files, good and bad.
#include <zlib.h>

#include <functional>

#include "convert/files.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/data/idx_file.hpp"

namespace trunkline {
namespace {

class IdxTest : public testing::Test {
 protected:
  // What reading the whole file complains of, without the path in front; empty if it does not.
  std::string complaint(const std::string& bytes, int64_t dimensions = 2) {
    write_file(path(), bytes);
    try {
      IdxFile file(path(), dimensions);
      std::vector<uint8_t> data(static_cast<std::size_t>(file.items() * file.item_bytes()));
      file.read(data);
      file.expect_end();
    } catch (const DataError& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find(path() + ": "), 0u) << message;
      return message.substr(path().size() + 2);
    }
    return "";
  }
  std::string gzipped(const std::string& bytes) {
    const gzFile file = gzopen((folder_ / "gz").c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    return read_file(folder_ / "gz");
  }
  std::string path() const { return folder_ / "file"; }

  TemporaryFolder folder_;
  const std::string good_ = idx_bytes({2, 3}, "abcdef");
};

TEST_F(IdxTest, ReadsItemsInOrderPlainAndGzipped) {
  for (const std::string& bytes : {good_, gzipped(good_)}) {
    write_file(path(), bytes);
    IdxFile file(path(), 2);
    EXPECT_EQ(file.items(), 2);
    EXPECT_EQ(file.item_shape(), std::vector<int64_t>{3});
    std::vector<uint8_t> item(3);
    file.read(item);
    EXPECT_EQ(std::string(item.begin(), item.end()), "abc");
    file.read(item);
    EXPECT_EQ(std::string(item.begin(), item.end()), "def");
    file.expect_end();
  }
}

TEST_F(IdxTest, ReadsOneToFourDimensions) {
  EXPECT_EQ(complaint(idx_bytes({2}, "ab"), 1), "");
  EXPECT_EQ(complaint(idx_bytes({1, 2, 1, 2}, "abcd"), 4), "");
}

TEST_F(IdxTest, RefusesAnotherFormat) {
  EXPECT_EQ(complaint("<!DOCTYPE html>"),
            "not an idx file: it must begin with two zero bytes, a type and a number of "
            "dimensions, found 3c 21 44 4f");
  EXPECT_EQ(complaint("").substr(0, 15), "not an idx file");
}

TEST_F(IdxTest, RefusesOtherElementsThanUnsignedBytes) {
  std::string floats = good_;
  floats[2] = 0x0D;
  EXPECT_EQ(complaint(floats), "idx element type 0x0d; only unsigned bytes (0x08) are read");
}

TEST_F(IdxTest, RefusesAnotherNumberOfDimensions) {
  EXPECT_EQ(complaint(good_, 3), "2 dimensions; expected 3");
}

TEST_F(IdxTest, RefusesADimensionOfNothing) {
  EXPECT_EQ(complaint(idx_bytes({2, 0}, "")), "dimension 1 is 0; expected at least 1");
}

TEST_F(IdxTest, RefusesAHeaderCutShort) {
  EXPECT_EQ(complaint(good_.substr(0, 10)), "ends within its header");
}

TEST_F(IdxTest, RefusesPlainDataOfTheWrongLength) {
  EXPECT_EQ(complaint(good_.substr(0, 17)), "17 bytes; 2 items of 3 bytes need 18");
  EXPECT_EQ(complaint(good_ + "g"), "19 bytes; 2 items of 3 bytes need 18");
}

TEST_F(IdxTest, RefusesGzippedDataOfTheWrongLength) {
  EXPECT_EQ(complaint(gzipped(good_.substr(0, 17))),
            "ends after 5 bytes of data; its header says 2 items of 3 bytes");
  EXPECT_EQ(complaint(gzipped(good_ + "g")), "longer than its header says: 2 items of 3 bytes");
}

TEST_F(IdxTest, RefusesAGzipStreamThatIsCutShort) {
  const std::string bytes = gzipped(good_);
  EXPECT_EQ(complaint(bytes.substr(0, bytes.size() - 12)).substr(0, 20), "damaged or cut short");
  EXPECT_EQ(complaint(bytes.substr(0, bytes.size() - 4)).substr(0, 20), "damaged or cut short");
}

TEST_F(IdxTest, RefusesAWrongGzipChecksum) {
  std::string bytes = gzipped(good_);
  bytes[bytes.size() - 8] ^= 1;
  EXPECT_EQ(complaint(bytes).substr(0, 20), "damaged or cut short");
}

TEST_F(IdxTest, RefusesHeadersThatAskForMoreThanTheFileCanHold) {
  EXPECT_EQ(complaint(gzipped(idx_bytes({0xFFFFFFFF, 1000}, "abc"))).substr(3, 40),
            "bytes of gzip; 4294967295 items of 1000 ");
  EXPECT_EQ(complaint(idx_bytes({1, 0xFFFFFFFF}, "abc")),
            "an item of 4294967295 bytes or more; at most 67108864 are read");
}

TEST_F(IdxTest, RefusesADirectory) { EXPECT_THROW(IdxFile(folder_.string(), 1), DataError); }

}  // namespace
}  // namespace trunkline
