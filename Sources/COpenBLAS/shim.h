// The C interface of OpenBLAS: cblas_* products and openblas_set_num_threads.
#include <cblas.h>
