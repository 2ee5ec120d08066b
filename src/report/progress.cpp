#include "trunkline/report/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "trunkline/report/table.hpp"

namespace trunkline {
namespace {

constexpr double kSecondsBetweenDraws = 0.2;
constexpr std::size_t kUsualWidth = 80;

std::size_t terminal_width() {
  struct winsize size {};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsualWidth;
}

// Names are ASCII, so bytes are columns. The last column stays free: many terminals wrap there.
void draw(std::string line) {
  line.resize(std::min(line.size(), terminal_width() - 1));
  fmt::print(stderr, "\r{}\x1b[K", line);
  std::fflush(stderr);
}

}  // namespace

Progress::Progress(Logger logger, bool terminal, double seconds)
    : logger_(std::move(logger)),
      terminal_(terminal),
      seconds_(terminal ? kSecondsBetweenDraws : seconds),
      last_(Clock::now()) {}

void Progress::update(const ProgressPoint& point) {
  ++steps_;
  samples_ += point.samples;
  const Clock::time_point now = Clock::now();
  const double elapsed = std::chrono::duration<double>(now - last_).count();
  const bool first_draw = terminal_ && !drawn_;
  const bool last_step = point.step == point.total_steps;
  if (elapsed < seconds_ && !first_draw && !last_step) return;

  const double steps_left = static_cast<double>(point.total_steps - point.step);
  const std::string text = line(point, elapsed > 0.0 ? samples_ / elapsed : 0.0,
                                steps_left * elapsed / static_cast<double>(steps_));
  if (terminal_)
    draw(text);
  else
    logger_->info(text);
  drawn_ = terminal_;
  last_ = now;
  steps_ = 0;
  samples_ = 0.0;
}

void Progress::finish() {
  if (!drawn_) return;
  fmt::print(stderr, "\n");
  std::fflush(stderr);
  drawn_ = false;
}

std::string Progress::line(const ProgressPoint& point, double samples_per_second,
                           double seconds_left) const {
  std::string text = fmt::format("step {}", point.step);
  if (point.total_steps > 0) text += fmt::format("/{}", point.total_steps);
  text += fmt::format("  epoch {:.1f}", point.epoch);
  for (const auto& [task, loss] : point.losses)
    text += fmt::format("  {} {}", task, format_metric(loss));
  text += fmt::format("  {} samples/s", format_count(samples_per_second));
  if (point.step < point.total_steps)
    text += fmt::format("  {} left", format_seconds(seconds_left));
  return text;
}

}  // namespace trunkline
