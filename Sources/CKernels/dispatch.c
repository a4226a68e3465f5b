#include "dispatch.h"

static int detect(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return hone_instructions_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return hone_instructions_avx2;
#endif
    return hone_instructions_baseline;
}

static int limit_ = hone_instructions_avx512;
static int detected_ = -1;

hone_instructions hone_instruction_set(void) {
    int found = __atomic_load_n(&detected_, __ATOMIC_RELAXED);
    if (found < 0) {
        found = detect();
        __atomic_store_n(&detected_, found, __ATOMIC_RELAXED);
    }
    const int limit = __atomic_load_n(&limit_, __ATOMIC_RELAXED);
    return (hone_instructions)(found < limit ? found : limit);
}

void hone_limit_instruction_set(hone_instructions limit) { __atomic_store_n(&limit_, (int)limit, __ATOMIC_RELAXED); }
