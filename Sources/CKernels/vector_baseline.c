// What every CPU of the architecture has: SSE2 on x86-64, NEON on ARM64.
#include <math.h>
#include <string.h>

#include "dispatch.h"

// Vectors wider than a register never cross a real call: every helper that takes one is always inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define NAME(function) function##_baseline
#define VECTOR_BLOCK_ROWS 4
#define VECTOR_BLOCK_COLUMNS 1
#include "vector/all.h"
