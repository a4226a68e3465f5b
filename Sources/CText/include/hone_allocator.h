#ifndef HONE_ALLOCATOR_H
#define HONE_ALLOCATOR_H

/// Makes the C library give memory of `bytes` and more back to the system as soon as it is freed, instead of raising that limit
/// as large blocks come and go. Does nothing where the C library has no such limit.
void hone_give_back_blocks_from(int bytes);

#endif
