// How the C library's allocator treats memory that was freed.
#pragma once

namespace trunkline {

/// Keeps what is freed instead of giving it back to the system. A step allocates and frees the same
/// tensors again and again; given back, their pages are cleared and mapped anew each time, which in
/// some runs and not in others took up to half of a step. Memory in use then stays at its peak.
/// Does nothing where the environment says how to allocate (MALLOC_… or GLIBC_TUNABLES), or with
/// another C library than glibc. Once, before the first threads.
void keep_freed_memory();

}  // namespace trunkline
