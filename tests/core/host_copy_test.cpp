#include "trunkline/core/host_copy.hpp"

#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace trunkline {
namespace {

TEST(HostCopy, IsTheTensorItselfOnTheHost) {
  const at::Tensor tensor = at::zeros({3});
  HostCopy copy(tensor);
  copy.host().fill_(1.0);
  copy.write_back();
  EXPECT_EQ(copy.host().const_data_ptr(), tensor.const_data_ptr());
  EXPECT_EQ(tensor.sum().item<double>(), 3.0);
}

}  // namespace
}  // namespace trunkline
