#include "vector.h"

#include "adamw.h"
#include "attention.h"
#include "cross_entropy.h"
#include "rmsnorm.h"
#include "rope.h"
#include "swiglu.h"
#include "vectors.h"
