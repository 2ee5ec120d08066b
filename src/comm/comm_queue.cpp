#include "trunkline/comm/comm_queue.hpp"

#include <utility>

namespace trunkline {

void Work::wait() {
  if (done_.valid()) done_.get();
}

Work CommQueue::submit(std::function<void()> call) {
  return Work(queue_.submit([this, call = std::move(call)] {
    if (failure_) std::rethrow_exception(failure_);
    try {
      call();
    } catch (...) {
      failure_ = std::current_exception();
      throw;
    }
  }));
}

}  // namespace trunkline
