#include "hone_allocator.h"

#ifdef __linux__
#include <malloc.h>
#endif

void hone_give_back_blocks_from(int bytes) {
#if defined(__linux__) && defined(M_MMAP_THRESHOLD)
    mallopt(M_MMAP_THRESHOLD, bytes);
#else
    (void)bytes;
#endif
}
