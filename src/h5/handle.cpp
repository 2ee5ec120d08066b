#include "trunkline/h5/handle.hpp"

#include <H5PLextern.h>

#include "trunkline/core/error.hpp"

namespace trunkline::h5 {

Handle::Handle(hid_t id, Close close, const std::string& what) : id_(id), close_(close) {
  check<DataError>(id >= 0, "{}", what);
}

void check_status(herr_t status, const std::string& what) {
  check<DataError>(status >= 0, "{}", what);
}

void quiet_library() {
  H5dont_atexit();  // a file that a full disk has left half closed crashes the library's exit
                    // handler
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);
}

}  // namespace trunkline::h5
