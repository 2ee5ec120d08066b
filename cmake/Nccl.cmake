# trunkline::cuda, what the NCCL backend needs: LibTorch's CUDA part, the CUDA runtime and NCCL. Only where
# TRUNKLINE_CUDA is on; the host compiler does it all, no nvcc.
#
# They are searched for beside LibTorch, where its wheels lie, then in the toolkit: libtorch_cuda brings the
# wheels' CUDA runtime and NCCL into the program, which must be the only ones.
option(TRUNKLINE_CUDA "Build for GPUs: run.device: cuda, and the NCCL backend" OFF)
if(NOT TRUNKLINE_CUDA)
  return()
endif()

set(cuda_wheels ${LIBTORCH}/../nvidia)
set(cuda_homes ${CUDAToolkit_ROOT} $ENV{CUDA_HOME} /usr/local/cuda)
list(REMOVE_DUPLICATES cuda_homes)
file(GLOB cuda_runtimes ${cuda_wheels}/cu[0-9]*)
find_library(TRUNKLINE_TORCH_CUDA torch_cuda HINTS ${LIBTORCH}/lib NO_CACHE)
find_library(TRUNKLINE_C10_CUDA c10_cuda HINTS ${LIBTORCH}/lib NO_CACHE)
find_path(TRUNKLINE_CUDA_INCLUDE crt/host_defines.h HINTS ${cuda_runtimes} ${cuda_homes} PATH_SUFFIXES include NO_CACHE)
find_library(TRUNKLINE_CUDART NAMES libcudart.so.13 libcudart.so.12 cudart
  HINTS ${cuda_runtimes} ${cuda_homes} PATH_SUFFIXES lib lib64 NO_CACHE)
find_path(TRUNKLINE_NCCL_INCLUDE nccl.h HINTS ${cuda_wheels}/nccl ${cuda_homes} PATH_SUFFIXES include NO_CACHE)
find_library(TRUNKLINE_NCCL NAMES libnccl.so.2 nccl HINTS ${cuda_wheels}/nccl ${cuda_homes} PATH_SUFFIXES lib lib64
  NO_CACHE)

set(cuda_missing "")
foreach(part IN ITEMS TORCH_CUDA:libtorch_cuda C10_CUDA:libc10_cuda CUDA_INCLUDE:cuda_runtime_api.h
                      CUDART:libcudart NCCL_INCLUDE:nccl.h NCCL:libnccl)
  string(REPLACE ":" ";" part ${part})
  list(GET part 0 variable)
  list(GET part 1 file)
  if(NOT TRUNKLINE_${variable})
    list(APPEND cuda_missing ${file})
  endif()
endforeach()
if(cuda_missing)
  list(JOIN cuda_missing ", " cuda_missing)
  message(FATAL_ERROR "TRUNKLINE_CUDA: ${cuda_missing} not found (LIBTORCH=${LIBTORCH}, CUDA sought in ${cuda_homes}); "
    "run `launch/setup.sh cuda`, set CUDA_HOME to a CUDA toolkit with NCCL, or use a preset without CUDA")
endif()

# Libraries that libtorch_cuda needs at start-up, e.g. cuDNN, may lie in wheels or in the toolkit: the old kind of
# run path (DT_RPATH) serves them too. They need not be here to link. Nothing names libtorch_cuda's symbols: its
# kernels register themselves, so the linker must not drop it.
add_library(trunkline_cuda INTERFACE IMPORTED)
add_library(trunkline::cuda ALIAS trunkline_cuda)
target_include_directories(trunkline_cuda SYSTEM INTERFACE ${TRUNKLINE_CUDA_INCLUDE} ${TRUNKLINE_NCCL_INCLUDE})
target_link_options(trunkline_cuda INTERFACE LINKER:--disable-new-dtags LINKER:--allow-shlib-undefined)
target_link_libraries(trunkline_cuda INTERFACE
  trunkline::torch "-Wl,--push-state,--no-as-needed,${TRUNKLINE_TORCH_CUDA},--pop-state"
  ${TRUNKLINE_C10_CUDA} ${TRUNKLINE_NCCL} ${TRUNKLINE_CUDART})
