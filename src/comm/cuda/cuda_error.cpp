#include "cuda_error.hpp"

#include "trunkline/core/error.hpp"

namespace trunkline {

void check_cuda(cudaError_t status, const std::string& where) {
  check<CommunicationError>(status == cudaSuccess, "{}: CUDA: {}", where,
                            cudaGetErrorString(status));
}

std::string nccl_error_text(ncclResult_t status) {
  const std::string last = ncclGetLastError(nullptr);
  const std::string what = fmt::format("NCCL: {}", ncclGetErrorString(status));
  return last.empty() ? what : fmt::format("{} ({})", what, last.substr(0, last.find('\n')));
}

void check_nccl(ncclResult_t status, const std::string& where) {
  check<CommunicationError>(status == ncclSuccess, "{}: {}", where, nccl_error_text(status));
}

}  // namespace trunkline
