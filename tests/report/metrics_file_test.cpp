#include "trunkline/report/metrics_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

class MetricsFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "metrics-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path path() const { return folder_ / "metrics.jsonl"; }
  std::string text() const {
    std::ifstream file(path());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& text) const { std::ofstream(path()) << text; }

  std::filesystem::path folder_;
};

MetricLine loss(double value) {
  return {.step = 1, .epoch = 0.5, .split = "train", .task = "t", .metric = "loss", .value = value};
}

TEST_F(MetricsFileTest, LineHasItsKeysInOrder) {
  MetricsFile(path(), 0).append({.step = 50,
                                 .epoch = 1.5,
                                 .split = "valid",
                                 .task = "shape",
                                 .metric = "loss",
                                 .value = 0.25});
  EXPECT_EQ(text(),
            "{\"step\":50,\"epoch\":1.5,\"split\":\"valid\",\"task\":\"shape\",\"metric\":\"loss\","
            "\"value\":0.25}\n");
}

TEST_F(MetricsFileTest, RunWideMetricHasNoTask) {
  MetricLine line = loss(1.0);
  line.task.reset();
  MetricsFile(path(), 0).append(line);
  EXPECT_TRUE(nlohmann::json::parse(text()).at("task").is_null());
}

TEST_F(MetricsFileTest, UndefinedAndNonFiniteValuesAreNull) {
  for (const std::optional<double> value :
       {std::optional<double>(), std::optional<double>(std::nan("")),
        std::optional<double>(-std::numeric_limits<double>::infinity())}) {
    MetricLine line = loss(0.0);
    line.value = value;
    MetricsFile(path(), 0).append(line);
    EXPECT_TRUE(nlohmann::json::parse(text()).at("value").is_null());
  }
}

TEST_F(MetricsFileTest, NumbersComeBackBitByBit) {
  for (const double value : {0.1, 1.0 / 3.0, 5e-324, 1.7976931348623157e308, -1e23}) {
    MetricsFile(path(), 0).append(loss(value));
    EXPECT_EQ(nlohmann::json::parse(text()).at("value").get<double>(), value);
  }
}

TEST_F(MetricsFileTest, OffsetCountsFlushedBytes) {
  MetricsFile file(path(), 0);
  file.append(loss(1.0));
  file.flush();
  EXPECT_EQ(file.offset(), static_cast<int64_t>(text().size()));
  EXPECT_GT(file.offset(), 0);
}

TEST_F(MetricsFileTest, ManyLinesReachTheFileWithoutFlush) {
  MetricsFile file(path(), 0);
  for (int i = 0; i < 2000; ++i) file.append(loss(i));
  EXPECT_GT(text().size(), 64u << 10);
}

TEST_F(MetricsFileTest, ResumeCutsWhatFollowsTheOffset) {
  write("one\ntwo\nthree\n");
  MetricsFile(path(), 8).append(loss(1.0));
  EXPECT_TRUE(text().starts_with("one\ntwo\n{\"step\":1,"));
}

TEST_F(MetricsFileTest, ResumeOfAShorterFileDropsHalfALine) {
  write("one\ntw");
  EXPECT_EQ(MetricsFile(path(), 100).offset(), 4);
  EXPECT_EQ(text(), "one\n");
}

TEST_F(MetricsFileTest, FreshRunBeginsEmpty) {
  write("old\n");
  EXPECT_EQ(MetricsFile(path(), 0).offset(), 0);
  EXPECT_EQ(text(), "");
}

TEST_F(MetricsFileTest, FileIsClosedInProgramsThatWeStart) {
  MetricsFile file(path(), 0);
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone) != path()) continue;
    ++found;
    EXPECT_TRUE(::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC);
  }
  EXPECT_EQ(found, 1);
}

TEST_F(MetricsFileTest, MissingFolderIsNamed) {
  try {
    MetricsFile(folder_ / "absent" / "metrics.jsonl", 0);
    FAIL();
  } catch (const CheckpointError& error) {
    EXPECT_NE(std::string(error.what()).find("absent/metrics.jsonl: cannot open (No such file"),
              std::string::npos)
        << error.what();
  }
}

// Writes fail beyond a size, as they do on a full disk, for the life of this object.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : signal_before_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limited = before_;
    limited.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_before_);
  }

 private:
  void (*signal_before_)(int);
  rlimit before_{};
};

TEST_F(MetricsFileTest, FailedWriteIsNamedAndTriedAgain) {
  MetricsFile file(path(), 0);
  file.append(loss(0.5));
  std::string message;
  {
    const FileSizeLimit limit(10);
    try {
      file.flush();
    } catch (const CheckpointError& error) {
      message = error.what();
    }
  }
  EXPECT_EQ(message.find(path().string() + ": cannot write (File too large)"), 0u) << message;
  EXPECT_EQ(file.offset(), 10);
  file.flush();
  EXPECT_EQ(nlohmann::json::parse(text()).at("value"), 0.5);
}

}  // namespace
}  // namespace trunkline
