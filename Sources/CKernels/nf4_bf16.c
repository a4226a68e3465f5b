// NF4 on its way into products: codes become bfloat16 numbers.
#include "dispatch.h"

void hone_nf4_expand_bf16_reference(size_t n, size_t block, const uint8_t *packed, const float *absmax, uint16_t *x) {
    const float *values = hone_nf4_values();
    for (size_t i = 0; i < n; i++) {
        const uint8_t code = i % 2 == 0 ? packed[i / 2] >> 4 : packed[i / 2] & 15;
        const float number = values[code] * absmax[i / block];
        hone_narrow_bf16_reference(1, &number, x + i);
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma,bmi2")))

// 32 codes at a time: the 16 values fill one register, from which each code picks its own.
TARGET static void expand_pairs(size_t n, size_t block, const uint8_t *packed, const float *absmax, uint16_t *x) {
    const __m512 values = _mm512_loadu_ps(hone_nf4_values());
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        const __m512 scale = _mm512_set1_ps(absmax[i / block]);
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(packed + i / 2));
        const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
        const __m128i low = _mm_and_si128(bytes, _mm_set1_epi8(15));
        // The first of two numbers is in the high half of its byte.
        const __m512i first = _mm512_cvtepu8_epi32(_mm_unpacklo_epi8(high, low));
        const __m512i second = _mm512_cvtepu8_epi32(_mm_unpackhi_epi8(high, low));
        const __m512 a = _mm512_mul_ps(_mm512_permutexvar_ps(first, values), scale);
        const __m512 b = _mm512_mul_ps(_mm512_permutexvar_ps(second, values), scale);
        _mm512_storeu_si512(x + i, (__m512i)_mm512_cvtne2ps_pbh(b, a));
    }
    if (i < n) hone_nf4_expand_bf16_reference(n - i, block, packed + i / 2, absmax + i / block, x + i);
}
#endif

void hone_nf4_expand_bf16(size_t n, size_t block, const uint8_t *packed, const float *absmax, uint16_t *x) {
#if defined(__x86_64__)
    if (block % 32 == 0 && hone_instruction_set() == hone_instructions_avx512_bf16) {
        expand_pairs(n, block, packed, absmax, x);
        return;
    }
#endif
    hone_nf4_expand_bf16_reference(n, block, packed, absmax, x);
}
