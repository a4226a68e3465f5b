// How `hone_x` finds its body: every vector file is compiled once per instruction set, with a suffix on each name.
#ifndef DISPATCH_H
#define DISPATCH_H

#include "CKernels.h"

#if defined(__x86_64__)
#define DISPATCH(result, name, parameters, arguments)                                \
    result name##_avx512 parameters;                                                 \
    result name##_avx2 parameters;                                                   \
    result name##_baseline parameters;                                               \
    result name parameters {                                                         \
        switch (hone_instruction_set()) {                                            \
            case hone_instructions_avx512_bf16:                                      \
            case hone_instructions_avx512: return name##_avx512 arguments;           \
            case hone_instructions_avx2: return name##_avx2 arguments;               \
            default: return name##_baseline arguments;                               \
        }                                                                            \
    }
#else
#define DISPATCH(result, name, parameters, arguments) \
    result name##_baseline parameters;                \
    result name parameters { return name##_baseline arguments; }
#endif

#endif
