#include "trunkline/model/autocast.hpp"

#include <ATen/autocast_mode.h>

namespace trunkline {

Autocast::Autocast(bool on, c10::DeviceType device) : on_(on), device_(device) {
  if (!on_) return;
  was_on_ = at::autocast::is_autocast_enabled(device_);
  former_type_ = at::autocast::get_autocast_dtype(device_);
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::set_autocast_dtype(device_, at::kBFloat16);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!on_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();  // of cast parameters
  at::autocast::set_autocast_enabled(device_, was_on_);
  at::autocast::set_autocast_dtype(device_, former_type_);
}

}  // namespace trunkline
