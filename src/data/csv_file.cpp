#include "trunkline/data/csv_file.hpp"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using namespace std::string_view_literals;

constexpr int kEnd = -1;
constexpr std::size_t kBufferBytes = 1 << 17;
constexpr std::size_t kMaxFieldBytes = 16 << 20;  // more is a quote that nobody closed
constexpr std::size_t kShownBytes = 40;

}  // namespace

bool is_utf8(const std::string& text) {
  try {
    nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

std::string shown(const std::string& field) {
  std::string text = field.substr(0, kShownBytes);
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 32 || c > 126; }, '?');
  return '"' + text + (field.size() > kShownBytes ? "…\"" : "\"");
}

void CsvFile::Close::operator()(gzFile_s* file) const { gzclose_r(file); }

CsvFile::CsvFile(const std::string& path, char delimiter)
    : path_(path), delimiter_(delimiter), buffer_(kBufferBytes) {
  check<DataError>(std::filesystem::is_regular_file(path), "{}: no such file", path);
  file_.reset(gzopen(path.c_str(), "rb"));  // reads plain files, too
  check<DataError>(file_ != nullptr, "{}: cannot be opened for reading", path);
  read_names();
}

void CsvFile::read_names() {
  refill();
  const std::string_view start(reinterpret_cast<const char*>(buffer_.data()), filled_);
  check<DataError>(!start.starts_with("\xFF\xFE"sv) && !start.starts_with("\xFE\xFF"sv),
                   "{}: UTF-16 text; save it as UTF-8", path_);
  if (start.starts_with("\xEF\xBB\xBF"sv)) position_ = 3;
  check<DataError>(read_record(columns_),
                   "{}: empty; expected a first line with the names of the columns", path_);
  std::set<std::string> known;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (columns_[c].empty()) columns_[c] = fmt::format("column_{}", c + 1);
    check<DataError>(is_utf8(columns_[c]), "{}: the name of column {} is not UTF-8: {}", here(),
                     c + 1, shown(columns_[c]));
    check<DataError>(known.insert(columns_[c]).second, "{}: two columns are called {}", here(),
                     shown(columns_[c]));
  }
}

bool CsvFile::next(std::vector<std::string>& fields) {
  if (!read_record(fields)) return false;
  check<DataError>(fields.size() == columns_.size(),
                   "{}: {} fields; the first line names {} columns", here(), fields.size(),
                   columns_.size());
  return true;
}

bool CsvFile::read_record(std::vector<std::string>& fields) {
  bool blank = true;
  while (blank) {
    fields.clear();
    record_line_ = line_;
    if (peek() == kEnd) return false;
    while (read_field(fields.emplace_back())) {
    }
    blank = fields.size() == 1 && fields[0].empty() && !quoted_;
  }
  return true;
}

// Whether another field of the record follows.
bool CsvFile::read_field(std::string& field) {
  quoted_ = peek() == '"';
  if (quoted_)
    read_quoted(field);
  else
    read_plain(field);
  int c = get();
  if (c == static_cast<unsigned char>(delimiter_)) return true;
  if (c == '\r' && peek() == '\n') c = get();
  check<DataError>(c == '\n' || c == kEnd,
                   "{}: text behind the closing quote of {}; expected a delimiter", here(),
                   shown(field));
  if (c == '\n') ++line_;
  return false;
}

void CsvFile::read_quoted(std::string& field) {
  get();
  for (;;) {
    const int c = get();
    check<DataError>(c != kEnd && field.size() < kMaxFieldBytes,
                     "{}: a quote is not closed; the field begins {}", here(), shown(field));
    if (c == '"' && peek() != '"') return;
    if (c == '"') get();
    if (c == '\n') ++line_;
    field += static_cast<char>(c);
  }
}

void CsvFile::read_plain(std::string& field) {
  for (int c = peek(); c != kEnd && c != '\n' && c != static_cast<unsigned char>(delimiter_);
       c = peek()) {
    check<DataError>(c != 0, "{}: a zero byte; expected text", here());
    check<DataError>(field.size() < kMaxFieldBytes, "{}: a field of more than {} bytes", here(),
                     kMaxFieldBytes);
    field += static_cast<char>(get());
  }
  if (field.ends_with('\r') && peek() != static_cast<unsigned char>(delimiter_)) field.pop_back();
}

int CsvFile::peek() {
  if (position_ == filled_) refill();
  return position_ == filled_ ? kEnd : buffer_[position_];
}

int CsvFile::get() {
  const int c = peek();
  if (c != kEnd) ++position_;
  return c;
}

void CsvFile::refill() {
  const int got = gzread(file_.get(), buffer_.data(), static_cast<unsigned>(buffer_.size()));
  int code = Z_OK;
  const char* message = gzerror(file_.get(), &code);
  check<DataError>(got >= 0 && (code == Z_OK || code == Z_STREAM_END),
                   "{}: damaged or cut short: {}", path_, message);
  position_ = 0;
  filled_ = static_cast<std::size_t>(got);
}

std::string CsvFile::here() const { return fmt::format("{}:{}", path_, record_line_); }

}  // namespace trunkline
