// Return codes of the CUDA runtime and of NCCL as exceptions.
#pragma once

#include <cuda_runtime_api.h>
#include <nccl.h>

#include <string>

namespace trunkline {

/// @throws CommunicationError "where: what CUDA says" unless status is cudaSuccess
void check_cuda(cudaError_t status, const std::string& where);

/// What NCCL says about a return code, and about the last thing that went wrong.
std::string nccl_error_text(ncclResult_t status);

/// @throws CommunicationError "where: what NCCL says" unless status is ncclSuccess
void check_nccl(ncclResult_t status, const std::string& where);

}  // namespace trunkline
