// The header of a safetensors file: written for every reader, read with distrust.
#include "trunkline/store/safetensors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

std::string with_length(const std::string& json, uint64_t length) {
  std::string head;
  for (int i = 0; i < 8; ++i) head += static_cast<char>(length >> (8 * i) & 0xff);
  return head + json;
}

std::string with_length(const std::string& json) { return with_length(json, json.size()); }

std::string tensor(const std::string& name, const std::string& shape, int64_t begin, int64_t end) {
  return fmt::format(R"("{}":{{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}})", name, shape,
                     begin, end);
}

SafetensorsHeader decode(const std::string& json, int64_t data_bytes) {
  const std::string head = with_length(json);
  return decode_header(head, static_cast<int64_t>(head.size()) + data_bytes, "x.safetensors");
}

std::string refusal(const std::string& head, int64_t data_bytes) {
  try {
    decode_header(head, static_cast<int64_t>(head.size()) + data_bytes, "x.safetensors");
  } catch (const CheckpointError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Safetensors, MetadataComeBackAsWritten) {
  const auto [written, head] =
      encode_header({{"b", DType::kF32, {2}}}, {{"config", "run: {name: \"ä\"}\n"}, {"step", "5"}});
  const SafetensorsHeader read = decode_header(head, written.file_bytes, "x.safetensors");
  EXPECT_EQ(read.metadata, written.metadata);
  EXPECT_EQ(read.metadata.at("format"), "pt");
  EXPECT_EQ(read.metadata.at("config"), "run: {name: \"ä\"}\n");
}

TEST(Safetensors, HeaderComesBackAsWritten) {
  const auto [written, head] = encode_header(
      {{"b", DType::kBF16, {2, 3}}, {"none", DType::kF32, {0}}, {"\"ä\n", DType::kI64, {}}});
  const SafetensorsHeader read = decode_header(head, written.file_bytes, "x.safetensors");
  EXPECT_EQ(read.header_bytes, written.header_bytes);
  EXPECT_EQ(read.metadata, written.metadata);
  ASSERT_EQ(read.tensors.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read.tensors[i].tensor.name, written.tensors[i].tensor.name);
    EXPECT_EQ(read.tensors[i].tensor.dtype, written.tensors[i].tensor.dtype);
    EXPECT_EQ(read.tensors[i].tensor.shape, written.tensors[i].tensor.shape);
    EXPECT_EQ(read.tensors[i].begin, written.tensors[i].begin);
    EXPECT_EQ(read.tensors[i].end, written.tensors[i].end);
  }
}

TEST(Safetensors, DataBeginAtAMultipleOf64WithoutGaps) {
  for (int64_t n = 0; n < 70; ++n) {
    const auto [header, head] =
        encode_header({{std::string(static_cast<std::size_t>(n), 'n'), DType::kU8, {n}},
                       {"w", DType::kF32, {2}}});
    EXPECT_EQ(header.header_bytes % 64, 0);
    EXPECT_EQ(head.size(), static_cast<std::size_t>(header.header_bytes));
    EXPECT_EQ(header.tensors[0].begin, header.header_bytes);
    EXPECT_EQ(header.tensors[1].begin, header.tensors[0].end);
    EXPECT_EQ(header.file_bytes, header.header_bytes + n + 8);
  }
}

// The example of the format's description (github.com/huggingface/safetensors, README), made
// consistent.
TEST(Safetensors, ReadsTensorsInTheOrderOfTheirData) {
  const SafetensorsHeader header =
      decode("{" + tensor("late", "2", 3, 5) + ", " + tensor("early", "3", 0, 3) +
                 R"(, "__metadata__": {"format": "pt"}})" + "   ",
             5);
  ASSERT_EQ(header.tensors.size(), 2u);
  EXPECT_EQ(header.tensors[0].tensor.name, "early");
  EXPECT_EQ(header.tensors[0].begin, header.header_bytes);
  EXPECT_EQ(header.metadata.at("format"), "pt");
}

TEST(Safetensors, FindsATensorByName) {
  const SafetensorsHeader header = decode("{" + tensor("w", "3", 0, 3) + "}", 3);
  ASSERT_NE(header.find("w"), nullptr);
  EXPECT_EQ(header.find("w")->bytes(), 3);
  EXPECT_EQ(header.find("v"), nullptr);
}

TEST(Safetensors, RefusesToWriteNamesThatNobodyCouldRead) {
  EXPECT_THROW(encode_header({{"w", DType::kU8, {}}, {"w", DType::kU8, {}}}), CheckpointError);
  EXPECT_THROW(encode_header({{"__metadata__", DType::kU8, {}}}), CheckpointError);
  EXPECT_THROW(encode_header({{"\xff", DType::kU8, {}}}), CheckpointError);
}

TEST(Safetensors, RefusesToWriteSizesOutOfRange) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_THROW(encode_header({{"w", DType::kU8, {-1}}}), CheckpointError);
  EXPECT_THROW(encode_header({{"w", DType::kF32, {kMax / 2}}}), CheckpointError);
  EXPECT_THROW(encode_header({{"v", DType::kU8, {kMax / 2}}, {"w", DType::kU8, {kMax / 2}}}),
               CheckpointError);
}

struct BadHeader {
  const char* name;
  std::string json;
  int64_t data_bytes;
  const char* message;
};

std::vector<BadHeader> bad_headers() {
  const std::string huge = "9223372036854775807";
  return {
      {"Overlap", "{" + tensor("a", "3", 0, 3) + "," + tensor("b", "3", 2, 5) + "}", 5,
       R"(tensor "b": begins at 2; expected 3 (no gap, no overlap))"},
      {"Gap", "{" + tensor("a", "3", 0, 3) + "," + tensor("b", "1", 4, 5) + "}", 5,
       R"(tensor "b": begins at 4; expected 3)"},
      {"GapAtTheStart", "{" + tensor("a", "3", 1, 4) + "}", 4,
       R"(tensor "a": begins at 1; expected 0)"},
      {"DataTooLong", "{" + tensor("a", "3", 0, 3) + "}", 4,
       "tensors take 3 bytes, but the file has 4 of data"},
      {"DataTooShort", "{" + tensor("a", "3", 0, 3) + "}", 2,
       "tensors take 3 bytes, but the file has 2 of data"},
      {"BackwardOffsets", "{" + tensor("a", "0", 3, 2) + "}", 3,
       "offsets 3 to 2; expected 0 bytes"},
      {"SizeUnlikeShape", "{" + tensor("a", "4", 0, 3) + "}", 3,
       "offsets 0 to 3; expected 4 bytes"},
      {"NegativeOffset", "{" + tensor("a", "1", -1, 0) + "}", 0,
       "a negative number is not expected"},
      {"NegativeExtent", "{" + tensor("a", "-3", 0, 3) + "}", 3,
       "a negative number is not expected"},
      {"NegativeZero", "{" + tensor("a", "-0", 0, 0) + "}", 0, "a negative number is not expected"},
      {"ExtentAbove63Bits", "{" + tensor("a", "9223372036854775808", 0, 3) + "}", 3,
       "9223372036854775808 is out of range"},
      {"ExtentAbove64Bits", "{" + tensor("a", "18446744073709551616", 0, 3) + "}", 3,
       "a fraction or a number out of range"},
      {"ShapeOverflows", "{" + tensor("a", huge + "," + huge, 0, 3) + "}", 3,
       "the shape is out of range"},
      {"ShapeWrapsToTheRightSize", "{" + tensor("a", "4294967296,4294967296", 0, 0) + "}", 0,
       "the shape is out of range"},
      {"Fraction", "{" + tensor("a", "3.0", 0, 3) + "}", 3, "a fraction or a number out of range"},
      {"NumberAsText", "{" + tensor("a", R"("3")", 0, 3) + "}", 3, "a string is not expected"},
      {"DuplicateTensor", "{" + tensor("a", "3", 0, 3) + "," + tensor("a", "3", 0, 3) + "}", 3,
       R"(duplicate key "a")"},
      {"DuplicateField", R"({"a":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}})", 1,
       R"(tensor "a": duplicate key "dtype")"},
      {"DuplicateMetadata", R"({"__metadata__":{"a":"","a":""}})", 0, R"(duplicate key "a")"},
      {"MetadataTwice", R"({"__metadata__":{},"__metadata__":{}})", 0, "duplicate key"},
      {"MetadataNotText", R"({"__metadata__":{"a":1}})", 0, "a number is not expected"},
      {"UnknownField", R"({"a":{"dtype":"U8","shape":[],"data_offsets":[0,1],"x":1}})", 1,
       R"(unknown key "x")"},
      {"MissingField", R"({"a":{"dtype":"U8","data_offsets":[0,1]}})", 1, R"("shape" is missing)"},
      {"ThreeOffsets", R"({"a":{"dtype":"U8","shape":[],"data_offsets":[0,1,1]}})", 1,
       "data_offsets has 3 numbers; expected 2"},
      {"UnknownType", R"({"a":{"dtype":"F31","shape":[],"data_offsets":[0,4]}})", 4,
       R"(tensor "a": unknown dtype "F31")"},
      {"TypeNotText", R"({"a":{"dtype":1,"shape":[],"data_offsets":[0,4]}})", 4,
       "a number is not expected"},
      {"Null", R"({"a":null})", 0, R"(null is not expected after "a")"},
      {"NestedArray", R"({"a":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}})", 1,
       "an array is not expected"},
      {"NestedObject", R"({"a":{"dtype":{},"shape":[1],"data_offsets":[0,1]}})", 1,
       "an object is not expected"},
      {"Deep", std::string(100000, '['), 0, "expected a JSON object"},
      {"DeepInside", R"({"a":)" + std::string(100000, '['), 0, "an array is not expected"},
      {"Array", "[]", 0, "expected a JSON object"},
      {"LeadingSpace", " {}", 0, "expected a JSON object"},
      {"Empty", "", 0, "expected a JSON object"},
      {"TrailingText", "{}x", 0, "not valid JSON in UTF-8 at byte"},
      {"SecondObject", "{}{}", 0, "not valid JSON in UTF-8 at byte"},
      {"ZeroByteBehind", std::string("{}\0garbage", 10), 0, "without zero bytes"},
      {"Unfinished", R"({"a":{"dtype":"U8")", 0, "not valid JSON in UTF-8 at byte"},
      {"NotUtf8", "{\"\xff\":1}", 0, "not valid JSON in UTF-8 at byte"},
      {"HalfSurrogate", R"({"\ud800":1})", 0, "not valid JSON in UTF-8 at byte"},
      {"OverlongUtf8", "{\"\xc0\x80\":1}", 0, "not valid JSON in UTF-8 at byte"},
      {"Comment", "{/**/}", 0, "not valid JSON in UTF-8 at byte"},
  };
}

class HostileHeader : public testing::TestWithParam<BadHeader> {};

TEST_P(HostileHeader, IsRefusedWithItsReason) {
  const std::string message = refusal(with_length(GetParam().json), GetParam().data_bytes);
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
  EXPECT_TRUE(message.starts_with("x.safetensors: header: ")) << message;
  EXPECT_TRUE(std::none_of(message.begin(), message.end(), [](unsigned char c) {
    return c < 0x20 || c == 0x7f;
  })) << message;
}

INSTANTIATE_TEST_SUITE_P(All, HostileHeader, testing::ValuesIn(bad_headers()),
                         [](const auto& test) { return test.param.name; });

TEST(Safetensors, RefusesALengthBeyondTheLimit) {
  EXPECT_NE(refusal(with_length("{}", 100'000'001), 200'000'000).find("expected at most 100000000"),
            std::string::npos);
  EXPECT_NE(refusal(with_length("{}", ~uint64_t{0}), 0).find("claims 18446744073709551615 bytes"),
            std::string::npos);
}

TEST(Safetensors, RefusesALengthBeyondTheFile) {
  EXPECT_NE(refusal(with_length("{}", 3), 0).find("it claims 3 bytes, but the file has 10"),
            std::string::npos);
}

TEST(Safetensors, RefusesAFileWithoutALength) {
  EXPECT_NE(refusal("\1\0\0", 0).find("expected at least 8"), std::string::npos);
}

TEST(Safetensors, NamesFromAFileAreSafeInMessages) {
  const std::string message = refusal(
      with_length("{" + tensor("\\n\\u001b[2J" + std::string(1000, 'x'), "3", 0, 4) + "}"), 4);
  EXPECT_LT(message.size(), 300u);
  EXPECT_EQ(message.find('\n'), std::string::npos);
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace trunkline
