// Ownership of HDF5 identifiers, and the one place where the library's return codes become
// exceptions.
#pragma once

#include <hdf5.h>

#include <string>
#include <utility>

namespace trunkline::h5 {

/// Owns one HDF5 identifier and closes it with the function of its kind. Use on the IoThread only.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Handle() = default;
  /// Takes ownership. @throws DataError with `what` if id is negative
  Handle(hid_t id, Close close, const std::string& what);
  Handle(Handle&& other) noexcept
      : id_(std::exchange(other.id_, -1)), close_(std::exchange(other.close_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }

  hid_t get() const { return id_; }
  /// Gives the identifier up: the caller closes it, and so learns whether closing failed.
  hid_t release() { return std::exchange(id_, -1); }
  explicit operator bool() const { return id_ >= 0; }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

/// @throws DataError with `what` if an HDF5 call failed (status < 0)
void check_status(herr_t status, const std::string& what);

/// Turns off the library's own printing of errors, its loading of plug-ins and its exit handler.
/// Idempotent; must be the first call of the library, by the IoThread.
void quiet_library();

}  // namespace trunkline::h5
