// Stands before LibTorch's header of this name. Each ATen/ops/*.h includes it without needing anything of it, and it costs
// a second per file. Where it is needed: define TRUNKLINE_WHOLE_ATEN before the first include.
#pragma once
#ifdef TRUNKLINE_WHOLE_ATEN
#include_next <ATen/Context.h>
#endif
