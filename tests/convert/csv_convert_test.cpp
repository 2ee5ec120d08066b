// What becomes of the columns of a table.
#include <fstream>

#include "convert/files.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/data/convert_csv.hpp"
#include "trunkline/data/loader.hpp"

namespace trunkline {
namespace {

using Shape = std::vector<hsize_t>;
using Numbers = std::vector<float>;
using Bytes = std::vector<uint8_t>;

class CsvConvertTest : public testing::Test {
 protected:
  CsvSummary convert(const std::string& text, const CsvOptions& options = {}) {
    write_file(in(), text);
    return convert_csv(in(), out(), options, io_);
  }
  std::string refused(const std::string& text, const CsvOptions& options = {}) {
    try {
      convert(text, options);
    } catch (const Error& error) {
      const std::string what = error.what();
      return what.starts_with(in()) ? what.substr(in().size()) : what;
    }
    return "nothing was thrown";
  }
  std::string text_of(const std::string& object, const std::string& attribute) {
    return attribute_bytes(out(), object, attribute);
  }
  std::string in() const { return input_ / "f.csv"; }
  std::string out() const { return output_ / "f.h5"; }

  TemporaryFolder input_, output_;
  std::shared_ptr<IoThread> io_ = std::make_shared<IoThread>();
};

TEST_F(CsvConvertTest, NumbersBecomeTheInputAndARegression) {
  const CsvSummary summary =
      convert("a,b,y,id\n1,-2.5e1,3,x\n+4, 5 ,6,z\n", {.targets = {"y"}, .drop = {"id"}});
  EXPECT_EQ(summary.written.rows, 2);
  EXPECT_EQ(values_of<float>(out(), "x"), (Numbers{1, -25, 4, 5}));
  EXPECT_EQ(shape_of(out(), "x"), (Shape{2, 2}));
  EXPECT_EQ(text_of("x", "columns"), "ab");
  EXPECT_EQ(values_of<float>(out(), "y"), (Numbers{3, 6}));
  EXPECT_EQ(text_of("y", "kind"), "regression");
  EXPECT_FALSE(exists_in(out(), "y_valid"));
  EXPECT_EQ(summary.notes, std::vector<std::string>{"target y: regression"});
}

TEST_F(CsvConvertTest, TextTargetsBecomeClassesInTheOrderOfTheirNames) {
  convert("a,y\n1,no\n2,yes\n3,maybe\n", {.targets = {"y"}});
  EXPECT_EQ(values_of<uint8_t>(out(), "y"), (Bytes{1, 2, 0}));
  EXPECT_EQ(text_of("y", "kind"), "classification");
  EXPECT_EQ(text_of("y", "class_names"), std::string("maybe"
                                                     "no\0\0\0"
                                                     "yes\0\0",
                                                     15));
  EXPECT_EQ(number_attribute<int64_t>(out(), "y", "num_classes"), 3);
}

TEST_F(CsvConvertTest, NumberedClassesAreOrderedByNumber) {
  convert("a,y\n1,10\n2,9\n3,9.0\n", {.targets = {"y:classification"}});
  EXPECT_EQ(values_of<uint8_t>(out(), "y"), (Bytes{1, 0, 0}));
  EXPECT_EQ(text_of("y", "class_names"), std::string("9\0"
                                                     "10",
                                                     4));
}

TEST_F(CsvConvertTest, ClassesThatCountFromZeroNeedNoNames) {
  convert("a,y\n1,1\n2,0\n", {.targets = {"y:classification"}});
  EXPECT_EQ(values_of<uint8_t>(out(), "y"), (Bytes{1, 0}));
  EXPECT_FALSE(has_attribute(out(), "y", "class_names"));
}

TEST_F(CsvConvertTest, MoreClassesThanAByteHolds) {
  std::string text = "a,y\n";
  for (int i = 0; i < 300; ++i) text += "0," + std::to_string(i) + "\n";
  convert(text, {.targets = {"y:classification"}});
  EXPECT_EQ(values_of<int32_t>(out(), "y")[299], 299);
}

TEST_F(CsvConvertTest, MissingTargetsAreMasked) {
  convert("a,y,z\n1,,2\n2,?,3\n3,1,4\n", {.targets = {"y", "z"}, .missing = {"?"}});
  EXPECT_EQ(values_of<uint8_t>(out(), "y_valid"), (Bytes{0, 0, 1}));
  EXPECT_EQ(values_of<float>(out(), "y"), (Numbers{0, 0, 1}));
  EXPECT_FALSE(exists_in(out(), "z_valid"));
}

TEST_F(CsvConvertTest, WarnsOfAFewTextsAmongNumbers) {
  std::string text = "a,b,y\n";
  for (int i = 0; i < 6; ++i) text += fmt::format("{},c{},{}\n", i, i % 2, i == 3 ? "?" : "1.5");
  const CsvSummary summary = convert(text, {.targets = {"y"}});
  ASSERT_EQ(summary.notes.size(), 3U);
  EXPECT_EQ(summary.notes[2],
            "warning: column y: 5 of 6 cells are numbers, but line 5 has \"?\", so it was taken as "
            "text; if that stands for a missing value, give --missing \"?\"");
}

TEST_F(CsvConvertTest, SeveralColumnsMayBeOneTarget) {
  convert("a,p,q,r,s\n1,1,,2.5,3\n2,0,1,4,5\n",
          {.targets = {"bits=p,q:multilabel", "place=r,s:regression"}});
  EXPECT_EQ(values_of<uint8_t>(out(), "bits"), (Bytes{1, 0, 0, 1}));
  EXPECT_EQ(values_of<uint8_t>(out(), "bits_valid"), (Bytes{1, 0, 1, 1}));
  EXPECT_EQ(shape_of(out(), "bits_valid"), (Shape{2, 2}));
  EXPECT_EQ(values_of<float>(out(), "place"), (Numbers{2.5, 3, 4, 5}));
}

TEST_F(CsvConvertTest, TextInputsBecomeAColumnPerValue) {
  const CsvSummary summary = convert("a,c,y\n1,red,0\n2,,0\n3,blue,0\n", {.targets = {"y"}});
  EXPECT_EQ(values_of<float>(out(), "x"), (Numbers{1, 0, 1, 2, 0, 0, 3, 1, 0}));
  EXPECT_EQ(text_of("x", "columns"), std::string("a\0\0\0\0\0"
                                                 "c=blue"
                                                 "c=red\0",
                                                 18));
  EXPECT_EQ(summary.notes[0], "input c: text, 2 values, one-hot");
}

TEST_F(CsvConvertTest, TextInputsMayBecomeCodes) {
  convert("a,c,y\n1,red,0\n2,,0\n3,blue,0\n", {.targets = {"y"}, .text = "codes"});
  EXPECT_EQ(values_of<float>(out(), "x"), (Numbers{1, 2, 2, 0, 3, 1}));
  EXPECT_EQ(text_of("x", "codes:c"), std::string("bluered\0", 8));
  const auto source = Source::open({.file = {out()}}, {"s", {"y"}}, io_);
  EXPECT_EQ(source->description().inputs[0].columns, (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(source->description().inputs[0].codes, (std::vector<int64_t>{0, 3}));
}

// A file that was converted before, out of the way of the next.
std::string moved(const std::string& path) {
  std::filesystem::rename(path, path + ".like");
  return path + ".like";
}

TEST_F(CsvConvertTest, CodesAndClassesOfAnotherFileAreUsedAgain) {
  convert("a,c,y\n1,red,no\n2,,yes\n3,blue,no\n", {.targets = {"y"}, .text = "codes"});
  const std::string like = moved(out());
  const CsvSummary summary =
      convert("a,c,y\n1,blue,yes\n2,green,yes\n3,red,yes\n", {.targets = {"y"}, .like = like});
  EXPECT_EQ(values_of<float>(out(), "x"), (Numbers{1, 1, 2, 0, 3, 2}));
  EXPECT_EQ(values_of<uint8_t>(out(), "y"), (Bytes{1, 1, 1}));
  EXPECT_EQ(text_of("x", "codes:c"), std::string("bluered\0", 8));
  EXPECT_EQ(summary.notes[0], "input c: 2 codes of " + like);
}

TEST_F(CsvConvertTest, CodesOfAFileWithSplitsAreThoseOfTrain) {
  std::string text = "a,c,y\n";
  for (int i = 0; i < 20; ++i) text += i % 2 == 0 ? "1,red,0\n" : "2,blue,1\n";
  convert(text, {.targets = {"y"}, .text = "codes", .split = "train=0.5,test=0.5"});
  const std::string like = moved(out());
  convert("a,c,y\n1,red,0\n", {.targets = {"y"}, .like = like});
  EXPECT_EQ(values_of<float>(out(), "x"), (Numbers{1, 2}));
}

TEST_F(CsvConvertTest, SaysWhatIsUnlikeTheOtherFile) {
  convert("a,c,y\n1,red,no\n2,blue,yes\n", {.targets = {"y"}, .text = "codes"});
  const std::string like = moved(out());
  const CsvOptions options{.targets = {"y"}, .like = like};
  EXPECT_EQ(refused("c,a,y\nred,1,no\n", options),
            ": its inputs are c, a, but those of " + like +
                " are a, c; give both the same columns in the same order");
  EXPECT_EQ(refused("a,c,y\n1,red,maybe\n", options),
            ": column y: \"maybe\" is no class of " + like + ": no, yes");
  EXPECT_EQ(
      refused("a,c,y\nlow,red,no\n", options),
      ":2: column a: \"low\" is not a number, which a column of numbers in " + like +
          " needs; mend the cell, or give --missing \"low\" if it stands for a missing value");
  convert("a,c,y\n1,red,no\n", {.targets = {"y"}});
  const std::string plain = moved(out());
  EXPECT_EQ(refused("a,c,y\n1,red,no\n", {.targets = {"y"}, .like = plain}),
            "--like: " + plain + ":/x has no codes; convert it with --text codes");
}

TEST_F(CsvConvertTest, MissingInputsAreFilledOnlyWhereAsked) {
  EXPECT_EQ(refused("a,y\n1,0\n,0\n", {.targets = {"y"}}),
            ":3: column a: no number; give --fill NUMBER for missing inputs, or --drop the column");
  convert("a,y\n1,0\n,0\n", {.targets = {"y"}, .fill = "-1"});
  EXPECT_EQ(values_of<float>(out(), "x"), (Numbers{1, -1}));
}

TEST_F(CsvConvertTest, RowsFallIntoSplitsByTheirNumberAndTheSeed) {
  std::string text = "a,y\n";
  for (int i = 0; i < 1000; ++i) text += std::to_string(i) + ",0\n";
  const CsvOptions options{.targets = {"y"}, .split = "train=0.7,valid=0.2,test=0.1", .seed = 3};
  convert(text, options);
  const Numbers train = values_of<float>(out(), "train/x"),
                test = values_of<float>(out(), "test/x");
  EXPECT_EQ(train.size() + shape_of(out(), "valid/x")[0] + test.size(), 1000U);
  EXPECT_NEAR(static_cast<double>(train.size()), 700, 50);  // 3.4 standard deviations
  std::filesystem::remove(out());
  convert(text + "1000,0\n1001,0\n", options);
  const Numbers longer = values_of<float>(out(), "train/x");
  EXPECT_EQ(Numbers(longer.begin(), longer.begin() + static_cast<std::ptrdiff_t>(train.size())),
            train);
}

TEST_F(CsvConvertTest, SharesBelowOneLeaveRowsOut) {
  std::string text = "a,y\n";
  for (int i = 0; i < 100; ++i) text += "1,0\n";
  EXPECT_LT(convert(text, {.targets = {"y"}, .split = "train=0.3,test=0.3"}).written.rows, 100);
}

TEST_F(CsvConvertTest, TheSameInputGivesTheSameBytes) {
  const CsvOptions options{.targets = {"y"}, .split = "train=0.5,test=0.5", .force = true};
  convert("a,y\n1,no\n2,yes\n3,no\n4,yes\n5,no\n6,no\n", options);
  const std::string first = read_file(out());
  convert("a,y\n1,no\n2,yes\n3,no\n4,yes\n5,no\n6,no\n", options);
  EXPECT_EQ(read_file(out()), first);
}

TEST_F(CsvConvertTest, AnExistingFileStays) {
  convert("a,y\n1,0\n", {.targets = {"y"}});
  EXPECT_THROW(convert("a,y\n1,0\n", {.targets = {"y"}}), UsageError);
}

TEST_F(CsvConvertTest, AFailureLeavesNothing) {
  EXPECT_EQ(refused("a,y\n1,0\n1e300,0\n", {.targets = {"y"}}),
            ":3: column a: \"1e300\" does not fit a 32-bit float");
  EXPECT_TRUE(output_.empty());
}

TEST_F(CsvConvertTest, MisspeltColumnsAreNamed) {
  EXPECT_EQ(refused("width,height\n1,2\n", {.targets = {"hieght"}}),
            "--target hieght: no column \"hieght\"; did you mean \"height\"?; there are: width, "
            "height");
  EXPECT_THROW(convert("a,y\n1,2\n", {.targets = {"y"}, .drop = {"b"}}), UsageError);
}

TEST_F(CsvConvertTest, TargetsThatMakeNoSense) {
  const std::string text = "a,b/c,x,y\n1,2,3,4\n";
  EXPECT_THROW(convert(text, {.targets = {"y:classificatoin"}}), UsageError);
  EXPECT_THROW(convert(text, {.targets = {"x"}}), UsageError);
  EXPECT_THROW(convert(text, {.targets = {"b/c"}}), UsageError);
  EXPECT_THROW(convert(text, {.targets = {"x,y:regression"}}), UsageError);
  EXPECT_THROW(convert(text, {.targets = {"both=x,y"}}), UsageError);
  EXPECT_THROW(convert(text, {.targets = {"y", "y:classification"}}), UsageError);
  EXPECT_THROW(convert(text, {.targets = {"y"}, .drop = {"y"}}), UsageError);
  EXPECT_THROW(convert("y\n1\n", {.targets = {"y"}}), UsageError);
  EXPECT_TRUE(output_.empty());
}

TEST_F(CsvConvertTest, ATargetWithAColonOrCommaInItsName) {
  convert("a,\"y:z\",\"p,q\"\n1,2,3\n", {.targets = {"y:z", "p,q:regression"}});
  EXPECT_EQ(values_of<float>(out(), "y:z"), Numbers{2});
  EXPECT_EQ(values_of<float>(out(), "p,q"), Numbers{3});
}

TEST_F(CsvConvertTest, TextWhereNumbersAreNeeded) {
  EXPECT_EQ(refused("a,y\n1,2\n2,n.a.\n", {.targets = {"y:regression"}}),
            ":3: column y: \"n.a.\" is not a number, which a regression needs; mend the cell, or "
            "give --missing \"n.a.\" if it stands for a missing value");
  EXPECT_EQ(refused("a,y\n1,1\n2,2\n", {.targets = {"y:multilabel"}}),
            ":3: column y: \"2\"; a multilabel target has 0 and 1 only");
}

TEST_F(CsvConvertTest, OneTextAmongManyNumbersIsAMistake) {
  std::string text = "a,y\n";
  for (int i = 0; i < 300; ++i) text += std::to_string(i) + ".5,0\n";
  EXPECT_EQ(
      refused(text + "nan,0\n", {.targets = {"y"}}),
      ":302: column a: \"nan\" is not a number, and as text it has too many different values; "
      "mend the cell, give --missing \"nan\" if it stands for a missing value, or --drop the "
      "column");
}

TEST_F(CsvConvertTest, TextThatIsNotUtf8) {
  EXPECT_EQ(refused("a,y\n1,gr\xFC\n", {.targets = {"y"}}),
            ": column y: \"gr?\" is not UTF-8; convert the file to UTF-8");
}

TEST_F(CsvConvertTest, TablesWithoutRows) {
  EXPECT_EQ(refused("a,y\n", {.targets = {"y"}}), ": no rows below the names of the columns");
  EXPECT_EQ(refused("a,y\n1,\n", {.targets = {"y:classification"}}),
            ": column y: every cell is missing");
}

TEST_F(CsvConvertTest, SplitsThatMakeNoSense) {
  const std::string text = "a,y\n1,0\n2,0\n";
  for (const std::string split : {"train", "train=", "=1", "train=2", "train=0", "train=x",
                                  "train=0.5,train=0.5", "train=0.8,test=0.4", "a/b=1"})
    EXPECT_THROW(convert(text, {.targets = {"y"}, .split = split}), UsageError) << split;
}

}  // namespace
}  // namespace trunkline
