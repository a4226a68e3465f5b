// SIMD kernels with a scalar reference beside each.
