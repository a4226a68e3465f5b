internal import CKernels
internal import COpenBLAS

/// The three products of a linear layer, on the calling thread: float32 by OpenBLAS, bfloat16 by own kernels that read
/// the weight as it is stored.
///
/// Matrices are row-major; a stride is the number of floats from one row to the next. Every product computes
/// `result = factor * product` or, when it accumulates, `result += factor * product`.
package enum MatrixProduct {
    /// Forward: result[rows, out] from x[rows, in] and weight[out, in].
    package static func forward(
        rows: Int, outputs: Int, inputs: Int, _ x: ReadOnlyFloats, stride xStride: Int, _ weight: ReadOnlyFloats,
        into result: Floats, stride: Int, factor: Float = 1, accumulating: Bool = false
    ) {
        guard rows > 0, outputs > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(outputs), blasint(inputs), factor, x,
            blasint(xStride), weight, blasint(inputs), accumulating ? 1 : 0, result, blasint(stride))
    }

    /// Gradient of the input: result[rows, in] from dy[rows, out] and weight[out, in].
    package static func inputGradient(
        rows: Int, outputs: Int, inputs: Int, _ dy: ReadOnlyFloats, stride dyStride: Int, _ weight: ReadOnlyFloats,
        into result: Floats, stride: Int, factor: Float = 1, accumulating: Bool = false
    ) {
        guard rows > 0, inputs > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(inputs), blasint(outputs), factor, dy,
            blasint(dyStride), weight, blasint(inputs), accumulating ? 1 : 0, result, blasint(stride))
    }

    /// Gradient of the weight, always accumulated: result[out, in] += factor * dy[rows, out] transposed * x[rows, in].
    package static func weightGradient(
        rows: Int, outputs: Int, inputs: Int, _ dy: ReadOnlyFloats, stride dyStride: Int, _ x: ReadOnlyFloats,
        stride xStride: Int, into result: Floats, stride: Int, factor: Float = 1
    ) {
        guard rows > 0, outputs > 0, inputs > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, blasint(outputs), blasint(inputs), blasint(rows), factor, dy,
            blasint(dyStride), x, blasint(xStride), 1, result, blasint(stride))
    }

    /// Bytes of scratch, aligned to 64, that one thread needs for a bfloat16 product summing over `inputs` numbers.
    package static func bfloat16ScratchBytes(inputs: Int) -> Int { hone_product_bf16_scratch(inputs) }

    /// Forward on bfloat16 numbers with sums in float32: result[rows, out] from x[rows, in] and weight[out, in].
    package static func forward(
        rows: Int, outputs: Int, inputs: Int, _ x: UnsafePointer<UInt16>, stride xStride: Int,
        _ weight: UnsafePointer<UInt16>, into result: Floats, stride: Int, accumulating: Bool = false,
        scratch: UnsafeMutableRawPointer
    ) {
        hone_product_bf16(
            rows, outputs, inputs, x, xStride, weight, inputs, 0, accumulating ? 1 : 0, result, stride, scratch)
    }

    /// Gradient of the input on bfloat16 numbers: result[rows, in] from dy[rows, out] and weight[out, in].
    package static func inputGradient(
        rows: Int, outputs: Int, inputs: Int, _ dy: UnsafePointer<UInt16>, stride dyStride: Int,
        _ weight: UnsafePointer<UInt16>, into result: Floats, stride: Int, accumulating: Bool = false,
        scratch: UnsafeMutableRawPointer
    ) {
        hone_product_bf16(
            rows, inputs, outputs, dy, dyStride, weight, inputs, 1, accumulating ? 1 : 0, result, stride, scratch)
    }

    /// What OpenBLAS calls the kernels it chose for this CPU; part of what makes results bit-identical.
    package static var coreName: String { String(cString: openblas_get_corename()) }
}

/// Products are split over the thread team, so OpenBLAS itself must not start threads.
func useOneThreadPerProduct() { openblas_set_num_threads(1) }
