# trunkline::torch, the CPU part of LibTorch, from $LIBTORCH (a wheel's torch/ folder, a LibTorch zip, or a prefix).
#
# Not find_package(Torch): its config wants a CUDA toolkit wherever the wheel was built with one. The headers come
# last in the search (-idirafter), because torch ships a newer fmt that would hide the system's and break spdlog. Before
# them, in this project's own build, come the empty ones of lean/: they halve the time that a file takes to compile.
set(LIBTORCH "$ENV{LIBTORCH}" CACHE PATH "Folder that holds LibTorch's include/ and lib/")

find_library(TRUNKLINE_TORCH_CPU torch_cpu HINTS ${LIBTORCH}/lib NO_CACHE)
find_library(TRUNKLINE_C10 c10 HINTS ${LIBTORCH}/lib NO_CACHE)
find_path(TRUNKLINE_TORCH_INCLUDE ATen/core/TensorBody.h HINTS ${LIBTORCH}/include NO_CACHE)
if(NOT TRUNKLINE_TORCH_CPU OR NOT TRUNKLINE_C10 OR NOT TRUNKLINE_TORCH_INCLUDE)
  message(FATAL_ERROR "LibTorch was not found (LIBTORCH=${LIBTORCH}); set it to the folder that launch/setup.sh names")
endif()

add_library(trunkline_c10 SHARED IMPORTED)
set_target_properties(trunkline_c10 PROPERTIES IMPORTED_LOCATION ${TRUNKLINE_C10})
add_library(trunkline_torch SHARED IMPORTED)
add_library(trunkline::torch ALIAS trunkline_torch)
set_target_properties(trunkline_torch PROPERTIES IMPORTED_LOCATION ${TRUNKLINE_TORCH_CPU})
if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/lean)
  target_compile_options(trunkline_torch INTERFACE "SHELL:-idirafter ${CMAKE_CURRENT_LIST_DIR}/lean")
endif()
target_compile_options(trunkline_torch INTERFACE
  "SHELL:-idirafter ${TRUNKLINE_TORCH_INCLUDE}"
  "SHELL:-idirafter ${TRUNKLINE_TORCH_INCLUDE}/torch/csrc/api/include")
target_link_libraries(trunkline_torch INTERFACE trunkline_c10)
