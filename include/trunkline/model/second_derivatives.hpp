// Forward passes whose gradients are differentiated again.
#pragma once

namespace trunkline {

/// While it lives, layers of this thread use only operations that have second derivatives: own
/// kernels step aside. Values are the same.
class SecondDerivatives {
 public:
  SecondDerivatives();
  ~SecondDerivatives();
  SecondDerivatives(const SecondDerivatives&) = delete;
  SecondDerivatives& operator=(const SecondDerivatives&) = delete;

  static bool wanted();  ///< on this thread

 private:
  bool former_;
};

}  // namespace trunkline
