// CSV files as spreadsheets, databases and Python write them, and as they come broken.
#include "trunkline/data/csv_file.hpp"

#include <zlib.h>

#include "convert/files.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using Records = std::vector<std::vector<std::string>>;

class CsvFileTest : public testing::Test {
 protected:
  Records read(const std::string& bytes, char delimiter = ',') {
    write_file(path(), bytes);
    CsvFile file(path(), delimiter);
    Records records = {file.columns()};
    for (std::vector<std::string> fields; file.next(fields);) records.push_back(fields);
    return records;
  }
  // What is said behind the path.
  std::string refused(const std::string& bytes) {
    try {
      read(bytes);
    } catch (const DataError& error) {
      return std::string(error.what()).substr(path().size());
    }
    return "nothing was thrown";
  }
  std::string path() const { return folder_ / "f.csv"; }

  TemporaryFolder folder_;
};

TEST_F(CsvFileTest, FieldsAreAsTheyAre) {
  EXPECT_EQ(read("a,b\n1, 2 \n,\n"), (Records{{"a", "b"}, {"1", " 2 "}, {"", ""}}));
}

TEST_F(CsvFileTest, LinesMayEndInCrLfAndTheLastInNothing) {
  EXPECT_EQ(read("a,b\r\n1,2\r\n3,4"), (Records{{"a", "b"}, {"1", "2"}, {"3", "4"}}));
}

TEST_F(CsvFileTest, QuotedFieldsHoldDelimitersQuotesAndLineBreaks) {
  EXPECT_EQ(read("a,b\n\"1,5\",\"say \"\"ho\"\"\"\r\n\"two\r\nlines\",\"\"\n"),
            (Records{{"a", "b"}, {"1,5", "say \"ho\""}, {"two\r\nlines", ""}}));
}

TEST_F(CsvFileTest, AQuoteWithinAFieldIsAQuote) {
  EXPECT_EQ(read("a\n5\" pipe\n"), (Records{{"a"}, {"5\" pipe"}}));
}

TEST_F(CsvFileTest, TheByteOrderMarkIsNoPartOfTheFirstName) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a,b\n1,2\n"),
            (Records{{"a", "b"}, {"1", "2"}}));
}

TEST_F(CsvFileTest, BlankLinesArePassedOver) {
  EXPECT_EQ(read("\n\na\n\n1\r\n\r\n\"\"\n"), (Records{{"a"}, {"1"}, {""}}));
}

TEST_F(CsvFileTest, OtherDelimiters) {
  EXPECT_EQ(read("a;b\n1,5;2\n", ';'), (Records{{"a", "b"}, {"1,5", "2"}}));
  EXPECT_EQ(read("a\tb\n1\t\n", '\t'), (Records{{"a", "b"}, {"1", ""}}));
}

TEST_F(CsvFileTest, AColumnWithoutANameIsCalledByItsPlace) {
  EXPECT_EQ(read(",a\n0,1\n")[0], (std::vector<std::string>{"column_1", "a"}));
}

TEST_F(CsvFileTest, RecordsLongerThanABlockOfReading) {
  const std::string wide(300'000, 'w');
  EXPECT_EQ(read("a,b\n" + wide + ",\"" + wide + "\"\n")[1],
            (std::vector<std::string>{wide, wide}));
}

TEST_F(CsvFileTest, GzippedFilesAreReadAsTheyAre) {
  const std::string name = folder_ / "f.csv.gz";
  const gzFile out = gzopen(name.c_str(), "wb");
  gzputs(out, "a\n1\n");
  gzclose(out);
  CsvFile file(name);
  std::vector<std::string> fields;
  EXPECT_TRUE(file.next(fields));
  EXPECT_EQ(fields, std::vector<std::string>{"1"});
  EXPECT_FALSE(file.next(fields));
}

TEST_F(CsvFileTest, AGzippedFileThatIsCutShort) {
  const std::string name = folder_ / "f.csv.gz";
  const gzFile out = gzopen(name.c_str(), "wb");
  std::string text = "a\n";
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919 % 100'003) + "\n";
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  const std::string bytes = read_file(name);
  write_file(name, bytes.substr(0, bytes.size() / 2));
  const auto read_all = [&] {
    CsvFile file(name);
    for (std::vector<std::string> fields; file.next(fields);) {
    }
  };
  EXPECT_THROW(read_all(), DataError);
}

TEST_F(CsvFileTest, LinesAreCountedInTheFile) {
  write_file(path(), "a,b\n\"1\n\n\",2\n\n3,4\n");
  CsvFile file(path());
  std::vector<std::string> fields;
  file.next(fields);
  EXPECT_EQ(file.line(), 2);
  file.next(fields);
  EXPECT_EQ(file.line(), 6);
}

TEST_F(CsvFileTest, RaggedRows) {
  EXPECT_EQ(refused("a,b\n1,2\n3\n"), ":3: 1 fields; the first line names 2 columns");
  EXPECT_EQ(refused("a,b\n1,2,3\n"), ":2: 3 fields; the first line names 2 columns");
}

TEST_F(CsvFileTest, EmptyFiles) {
  const std::string said = ": empty; expected a first line with the names of the columns";
  EXPECT_EQ(refused(""), said);
  EXPECT_EQ(refused("\n\r\n"), said);
}

TEST_F(CsvFileTest, AnOpenQuoteNamesTheLineThatItBeganOn) {
  EXPECT_EQ(refused("a,b\n1,\"2\n3,4\n"), ":2: a quote is not closed; the field begins \"2?3,4?\"");
}

TEST_F(CsvFileTest, TextBehindAClosingQuote) {
  EXPECT_EQ(refused("a\n\"1\"2\n"),
            ":2: text behind the closing quote of \"1\"; expected a delimiter");
}

TEST_F(CsvFileTest, NamesMustBeDistinctAndUtf8) {
  EXPECT_EQ(refused("a,a\n"), ":1: two columns are called \"a\"");
  EXPECT_EQ(refused("a,gr\xFC\xDF"
                    "e\n"),
            ":1: the name of column 2 is not UTF-8: \"gr??e\"");
}

TEST_F(CsvFileTest, OtherFormats) {
  EXPECT_EQ(refused(std::string("\xFF\xFE"
                                "a\0\n\0",
                                6)),
            ": UTF-16 text; save it as UTF-8");
  EXPECT_EQ(refused(std::string("a\n\0\n", 4)), ":2: a zero byte; expected text");
}

TEST_F(CsvFileTest, MissingFile) { EXPECT_THROW(CsvFile(folder_ / "nowhere.csv"), DataError); }

}  // namespace
}  // namespace trunkline
