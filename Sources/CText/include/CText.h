// Byte-level text scanners, and what the C library says about memory.
#include "hone_allocator.h"
#include "hone_byte_pairs.h"
#include "hone_composition.h"
#include "hone_pieces.h"
#include "hone_token_matcher.h"
#include "hone_vocabulary.h"
