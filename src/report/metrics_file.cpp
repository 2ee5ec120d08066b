#include "trunkline/report/metrics_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr std::size_t kBufferBytes = 64 << 10;
constexpr std::chrono::seconds kBufferTime{2};  // what `trunkline status` may lag behind

std::string to_json(const MetricLine& line) {
  nlohmann::ordered_json json;
  json["step"] = line.step;
  json["epoch"] = line.epoch;
  json["split"] = line.split;
  json["task"] = line.task ? nlohmann::ordered_json(*line.task) : nullptr;
  json["metric"] = line.metric;
  json["value"] = line.value ? nlohmann::ordered_json(*line.value) : nullptr;
  // Doubles are written shortest such that they read back equal, and as null if not finite.
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void check_call(bool good, const std::filesystem::path& path, const char* action) {
  const int error = errno;
  check<CheckpointError>(good, "{}: cannot {} ({}); is the disk full, or the folder not writable?",
                         path.string(), action, std::generic_category().message(error));
}

// The end of the last whole line within the first `size` bytes: what a crash left behind it is
// half a line.
int64_t whole_lines(int descriptor, int64_t size, const std::filesystem::path& path) {
  std::array<char, 4096> block{};
  while (size > 0) {
    const int64_t begin = std::max<int64_t>(0, size - static_cast<int64_t>(block.size()));
    const ssize_t got =
        ::pread(descriptor, block.data(), static_cast<std::size_t>(size - begin), begin);
    check_call(got > 0, path, "read");
    const std::size_t newline =
        std::string_view(block.data(), static_cast<std::size_t>(got)).rfind('\n');
    if (newline != std::string_view::npos) return begin + static_cast<int64_t>(newline) + 1;
    size = begin;
  }
  return 0;
}

}  // namespace

MetricsFile::MetricsFile(const std::filesystem::path& path, int64_t offset) : path_(path) {
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  check_call(descriptor_ >= 0, path_, "open");
  try {
    struct stat status {};
    check_call(::fstat(descriptor_, &status) == 0, path_, "read");
    // After a power loss the file may be shorter than the checkpoint says.
    offset_ = whole_lines(descriptor_, std::min<int64_t>(offset, status.st_size), path_);
    check_call(::ftruncate(descriptor_, offset_) == 0, path_, "cut");
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

MetricsFile::~MetricsFile() {
  try_flush();  // destructors cannot report; whoever wants to know calls flush()
  ::close(descriptor_);
}

void MetricsFile::append(const MetricLine& line) {
  buffer_ += to_json(line);
  const bool late = std::chrono::steady_clock::now() - flushed_ >= kBufferTime;
  if (late || buffer_.size() >= kBufferBytes) try_flush();
}

void MetricsFile::flush() {
  flushed_ = std::chrono::steady_clock::now();
  while (!buffer_.empty()) {
    const ssize_t written = ::pwrite(descriptor_, buffer_.data(), buffer_.size(), offset_);
    if (written < 0 && errno == EINTR) continue;
    check_call(written > 0, path_, "write");
    offset_ += written;
    buffer_.erase(0, static_cast<std::size_t>(written));
  }
}

void MetricsFile::try_flush() {
  try {
    flush();
    problem_.clear();
  } catch (const CheckpointError& error) {
    problem_ = error.what();
  }
}

int64_t MetricsFile::offset() const { return offset_; }

}  // namespace trunkline
