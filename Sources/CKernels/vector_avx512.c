// Sixteen floats to a register: CPUs with AVX-512 F, BW, DQ and VL.
#include <math.h>
#include <string.h>

#include "dispatch.h"

// Vectors wider than a register never cross a real call: every helper that takes one is always inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#if defined(__x86_64__)
#define NAME(function) function##_avx512
#define VECTOR_BLOCK_ROWS 8
#define VECTOR_BLOCK_COLUMNS 2
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi2"))), apply_to = function)
#include "vector/all.h"
#pragma clang attribute pop
#endif
