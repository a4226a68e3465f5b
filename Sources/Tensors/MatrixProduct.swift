internal import CKernels
internal import COpenBLAS

/// The three products of a linear layer, on the calling thread, in float32 by OpenBLAS.
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
        // One row is a product of matrix and vector, which arranges nothing before it reads the weight.
        if rows == 1 {
            cblas_sgemv(
                CblasRowMajor, CblasNoTrans, blasint(outputs), blasint(inputs), factor, weight, blasint(inputs), x, 1,
                accumulating ? 1 : 0, result, 1)
            return
        }
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

    /// What OpenBLAS calls the kernels it chose for this CPU; part of what makes results bit-identical.
    package static var coreName: String { String(cString: openblas_get_corename()) }
}

/// Products are split over the thread team, so OpenBLAS itself must not start threads.
func useOneThreadPerProduct() { openblas_set_num_threads(1) }
