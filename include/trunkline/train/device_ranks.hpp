// The device that a program computes on, and its ranks as seen from there.
#pragma once

#include <string>

#include "trunkline/comm/cuda.hpp"
#include "trunkline/train/agreement.hpp"

namespace trunkline {

/// Opens the device of every rank. `host` and its queue must outlive it.
class DeviceRanks {
 public:
  /// Collective. @param device "cpu", or "cuda": one GPU per rank
  /// @param backend as open_cuda   @throws AgreedError (usage) where the build has no CUDA or some
  /// rank no GPU
  DeviceRanks(const std::string& device, Ranks& host, const std::string& backend = "auto");

  Ranks& ranks() { return ranks_; }

 private:
  DeviceWorld opened_;
  Ranks ranks_;
};

}  // namespace trunkline
