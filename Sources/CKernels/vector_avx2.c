// Eight floats to a register: CPUs with AVX2 and FMA.
#include <math.h>
#include <string.h>

#include "dispatch.h"

// Vectors wider than a register never cross a real call: every helper that takes one is always inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#if defined(__x86_64__)
#define NAME(function) function##_avx2
#define VECTOR_BLOCK_ROWS 4
#define VECTOR_BLOCK_COLUMNS 1
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2"))), apply_to = function)
#include "vector/all.h"
#pragma clang attribute pop
#endif
