#include "header_parser.hpp"

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using nlohmann::json;

/// Receives the pieces in the order of the text. The form is fixed, so the place is a small state:
/// outside, in the header, in the metadata, in a tensor, in one of its two arrays.
class HeaderParser : public nlohmann::json_sax<json> {
 public:
  explicit HeaderParser(std::string where) : where_(std::move(where)) {}
  StatedHeader take() { return std::move(header_); }

  bool null() override { return refuse("null"); }
  bool boolean(bool) override { return refuse("a boolean"); }
  bool number_float(double, const std::string&) override {
    return refuse("a fraction or a number out of range");
  }
  bool binary(json::binary_t&) override { return refuse("binary data"); }
  bool number_integer(int64_t) override { return refuse("a negative number"); }

  bool number_unsigned(uint64_t value) override {
    if (place_ != Place::kArray) return refuse("a number");
    require(value <= uint64_t{std::numeric_limits<int64_t>::max()}, "{} is out of range", value);
    (field_ == "shape" ? tensor().shape : tensor().offsets).push_back(static_cast<int64_t>(value));
    return true;
  }

  bool string(std::string& value) override {
    if (place_ == Place::kMetadata) {
      header_.metadata[field_] = value;
    } else if (place_ == Place::kTensor && field_ == "dtype") {
      tensor().dtype = value;
    } else {
      return refuse("a string");
    }
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::kOutside) {
      place_ = Place::kHeader;
    } else if (place_ == Place::kHeader) {
      place_ = field_ == "__metadata__" ? Place::kMetadata : Place::kTensor;
      if (place_ == Place::kTensor) header_.tensors.push_back({field_, {}, {}, {}});
      inner_keys_.clear();
    } else {
      return refuse("an object");
    }
    return true;
  }

  bool end_object() override {
    if (place_ == Place::kTensor)
      for (const char* key : {"dtype", "shape", "data_offsets"})
        require(inner_keys_.contains(key), "\"{}\" is missing", key);
    place_ = place_ == Place::kHeader ? Place::kOutside : Place::kHeader;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::kTensor || field_ == "dtype") return refuse("an array");
    place_ = Place::kArray;
    return true;
  }

  bool end_array() override {
    place_ = Place::kTensor;
    return true;
  }

  bool key(std::string& key) override {
    auto& known = place_ == Place::kHeader ? keys_ : inner_keys_;
    require(known.insert(key).second, "duplicate key {}", printable(key));
    require(place_ != Place::kTensor || key == "dtype" || key == "shape" || key == "data_offsets",
            "unknown key {}; expected dtype, shape and data_offsets", printable(key));
    field_ = key;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    throw CheckpointError(fmt::format("{}: not valid JSON in UTF-8 at byte {}", where_, position));
  }

 private:
  enum class Place { kOutside, kHeader, kMetadata, kTensor, kArray };

  StatedTensor& tensor() { return header_.tensors.back(); }

  std::string place() const {
    const bool inside = place_ == Place::kTensor || place_ == Place::kArray;
    return inside ? where_ + ": tensor " + printable(header_.tensors.back().name) : where_;
  }

  template <class... Args>
  void require(bool condition, fmt::format_string<Args...> message, Args&&... args) const {
    if (!condition)
      throw CheckpointError(place() + ": " + fmt::format(message, std::forward<Args>(args)...));
  }

  bool refuse(const std::string& what) const {
    throw CheckpointError(fmt::format("{}: {} is not expected after {}", place(), what,
                                      keys_.empty() ? "the start" : printable(field_)));
  }

  std::string where_, field_;
  StatedHeader header_;
  Place place_ = Place::kOutside;
  std::set<std::string> keys_, inner_keys_;
};

}  // namespace

StatedHeader parse_header(std::string_view text, const std::string& where) {
  // The JSON parser takes a zero byte for the end of its input.
  check<CheckpointError>(text.starts_with('{') && text.find('\0') == std::string_view::npos,
                         "{}: expected a JSON object without zero bytes", where);
  HeaderParser parser(where);
  json::sax_parse(text, &parser);
  return parser.take();
}

std::string printable(std::string_view name) {
  constexpr std::size_t kLongest = 80;
  std::string text(name.substr(0, kLongest));
  if (name.size() > kLongest) text += "...";
  return json(text).dump(-1, ' ', true, json::error_handler_t::replace);
}

}  // namespace trunkline
