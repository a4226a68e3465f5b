#include "dispatch.h"

static int detect(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return __builtin_cpu_supports("avx512bf16") ? hone_instructions_avx512_bf16 : hone_instructions_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return hone_instructions_avx2;
#endif
    return hone_instructions_baseline;
}

// Set by tests only; every other thread keeps the widest.
static _Thread_local int limit_ = hone_instructions_avx512_bf16;
static int detected_ = -1;

hone_instructions hone_instruction_set(void) {
    int found = __atomic_load_n(&detected_, __ATOMIC_RELAXED);
    if (found < 0) {
        found = detect();
        __atomic_store_n(&detected_, found, __ATOMIC_RELAXED);
    }
    return (hone_instructions)(found < limit_ ? found : limit_);
}

void hone_limit_instruction_set(hone_instructions limit) { limit_ = (int)limit; }
