#include "trunkline/h5/io_thread.hpp"

#include <hdf5.h>

#include "trunkline/h5/handle.hpp"

namespace trunkline {

IoThread::IoThread() { queue_.submit(h5::quiet_library).get(); }

// The library would leak what the last failure left on the thread.
IoThread::~IoThread() {
  queue_.submit([] { H5Eclear2(H5E_DEFAULT); });
}

void IoThread::run(const std::function<void()>& function) {
  if (queue_.is_current()) return function();
  queue_.submit(std::ref(function)).get();
}

}  // namespace trunkline
