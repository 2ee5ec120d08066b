#include "support/thread_job.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "trunkline/core/error.hpp"

namespace trunkline {

void ThreadJob::fail(std::exception_ptr cause, const std::string& text) {
  const std::lock_guard lock(mutex_);
  fail_locked(std::move(cause), text);
}

void ThreadJob::fail_locked(std::exception_ptr cause, const std::string& text) {
  if (cause_) return;
  cause_ = std::move(cause);
  failure_ = text;
  changed_.notify_all();
}

void ThreadJob::leave(int rank) {
  const std::lock_guard lock(mutex_);
  left_[static_cast<std::size_t>(rank)] = true;
  changed_.notify_all();
}

std::exception_ptr ThreadJob::cause() const {
  const std::lock_guard lock(mutex_);
  return cause_;
}

Meeting::Meeting(ThreadJob& job, std::vector<int> members)
    : job_(job),
      members_(std::move(members)),
      contributions_(members_.size()),
      here_(members_.size()) {}

Contribution Meeting::meet(int rank, Contribution contribution, const Collective& collective) {
  const auto self = static_cast<std::size_t>(rank);
  std::unique_lock lock(job_.mutex_);
  check_alive();
  contributions_[self] = std::move(contribution);
  here_[self] = true;
  if (std::all_of(here_.begin(), here_.end(), std::identity())) {
    finish(collective);
  } else {
    const int64_t meeting = meetings_;
    job_.changed_.wait(lock, [&] {
      if (meetings_ == meeting) check_alive();
      return meetings_ != meeting;
    });
  }
  return std::move(contributions_[self]);
}

void Meeting::check_alive() const {
  check<CommunicationError>(!job_.cause_, "{}", job_.failure_);
  for (std::size_t i = 0; i < members_.size(); ++i)
    check<CommunicationError>(here_[i] || !job_.left_[static_cast<std::size_t>(members_[i])],
                              "rank {} has left while others wait for it in a collective",
                              members_[i]);
}

void Meeting::finish(const Collective& collective) {
  try {
    check_same_collective();
    collective(contributions_);
  } catch (const std::exception& error) {
    job_.fail_locked(std::current_exception(), error.what());
    throw;
  }
  std::fill(here_.begin(), here_.end(), false);
  ++meetings_;
  job_.changed_.notify_all();
}

void Meeting::check_same_collective() const {
  const std::string& first = contributions_[0].collective;
  for (std::size_t i = 1; i < members_.size(); ++i)
    check<CommunicationError>(contributions_[i].collective == first,
                              "rank {} calls {} while rank {} calls {}", members_[0], first,
                              members_[i], contributions_[i].collective);
}

}  // namespace trunkline
