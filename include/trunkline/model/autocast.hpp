// The forward pass in bfloat16, on parameters that stay float32.
#pragma once

#include <c10/core/DeviceType.h>
#include <c10/core/ScalarType.h>

namespace trunkline {

/// While it lives, matrix products and convolutions of this thread cast their arguments to bfloat16
/// and what needs range or precision stays in float32 (Micikevicius et al. 2018, without loss
/// scaling: bfloat16 has float32's range). Backward casts back, so gradients are float32. Must be
/// destroyed on the thread that made it; it restores what it found.
class Autocast {
 public:
  /// @param on false: changes nothing
  Autocast(bool on, c10::DeviceType device);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool on_;
  c10::DeviceType device_;
  bool was_on_ = false;
  c10::ScalarType former_type_ = c10::kFloat;
};

}  // namespace trunkline
