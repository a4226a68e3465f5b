internal import CKernels

/// The numeric kernels under the names of this project; what they compute and their shapes stand in `CKernels.h`.
package enum Kernels {
    /// The instruction set the kernels use on this CPU: `avx512_bf16`, `avx512`, `avx2` or `baseline`.
    package static var instructionSet: String {
        switch hone_instruction_set() {
        case hone_instructions_avx512_bf16: "avx512_bf16"
        case hone_instructions_avx512: "avx512"
        case hone_instructions_avx2: "avx2"
        default: "baseline"
        }
    }

    /// Asks for memory that will be read soon, and does not wait for it.
    package static func prefetch(_ memory: UnsafeRawPointer, bytes: Int) { hone_prefetch(memory, bytes) }

    package static func dot(_ count: Int, _ x: ReadOnlyFloats, _ y: ReadOnlyFloats) -> Float {
        hone_dot_f32(count, x, y)
    }

    /// `y += factor * x`
    package static func add(_ count: Int, _ x: ReadOnlyFloats, times factor: Float = 1, to y: Floats) {
        hone_axpy_f32(count, factor, x, y)
    }

    package static func scale(_ count: Int, by alpha: Float, _ x: Floats) { hone_scale_f32(count, alpha, x) }

    package static func sumOfSquares(_ count: Int, _ x: ReadOnlyFloats) -> Double { hone_sum_of_squares_f32(count, x) }

    /// Rounds to bfloat16, to nearest even; `y` may lie where `x` begins.
    package static func narrow(_ count: Int, _ x: ReadOnlyFloats, into y: BFloats) { hone_narrow_bf16(count, x, y) }

    /// Rounds x[rows, columns] to bfloat16 as y[columns, rows].
    package static func narrowTransposed(rows: Int, columns: Int, _ x: ReadOnlyFloats, stride: Int, into y: BFloats) {
        hone_narrow_transposed_bf16(rows, columns, x, stride, y)
    }

    /// The numbers in bfloat16 as floats, exactly.
    package static func widen(_ count: Int, _ x: ReadOnlyBFloats, into y: Floats) { hone_expand_bf16(count, x, y) }

    /// Index of the largest value, the first of equals.
    package static func argmax(_ count: Int, _ x: ReadOnlyFloats) -> Int { hone_argmax_f32(count, x) }

    package static func exponential(_ count: Int, _ x: ReadOnlyFloats, into y: Floats) { hone_exp_f32(count, x, y) }

    /// Inverted dropout; element `i` is kept or not by (`key`, `first + i`) alone.
    package static func dropout(
        _ count: Int, rate: Float, key: UInt64, first: Int, _ x: ReadOnlyFloats, into y: Floats
    ) {
        hone_dropout_f32(count, rate, key, UInt64(first), x, y)
    }

    package static func rmsNorm(
        rows: Int, width: Int, _ x: ReadOnlyFloats, plus delta: ReadOnlyFloats?, weight: ReadOnlyFloats, epsilon: Float,
        sum: Floats?, into y: Floats, inverse: Floats
    ) {
        hone_rmsnorm_forward(rows, width, x, delta, weight, epsilon, sum, y, inverse)
    }

    package static func rmsNormBackward(
        rows: Int, width: Int, _ dy: ReadOnlyFloats, x: ReadOnlyFloats, weight: ReadOnlyFloats, inverse: ReadOnlyFloats,
        residual: ReadOnlyFloats?, into dx: Floats, weightGradient: Floats?
    ) {
        hone_rmsnorm_backward(rows, width, dy, x, weight, inverse, residual, dx, weightGradient)
    }

    /// Turns the first `rotated` entries of every head.
    package static func rotate(
        rows: Int, heads: Int, headSize: Int, rotated: Int, positions: UnsafePointer<Int32>, cosines: ReadOnlyFloats,
        sines: ReadOnlyFloats, backward: Bool = false, _ x: Floats, stride: Int
    ) {
        hone_rope(rows, heads, headSize, rotated, positions, cosines, sines, backward ? -1 : 1, x, stride)
    }

    package static func swiGLU(rows: Int, width: Int, _ gateUp: ReadOnlyFloats, into h: Floats) {
        hone_swiglu_forward(rows, width, gateUp, h)
    }

    /// `gateUp` becomes its gradient, `dh` becomes h.
    package static func swiGLUBackward(rows: Int, width: Int, _ gateUp: Floats, _ dh: Floats) {
        hone_swiglu_backward(rows, width, gateUp, dh)
    }

    package static func geGLU(rows: Int, width: Int, _ gateUp: ReadOnlyFloats, into h: Floats) {
        hone_geglu_forward(rows, width, gateUp, h)
    }

    /// `gateUp` becomes its gradient, `dh` becomes h.
    package static func geGLUBackward(rows: Int, width: Int, _ gateUp: Floats, _ dh: Floats) {
        hone_geglu_backward(rows, width, gateUp, dh)
    }

    /// `x = cap * tanh(x / cap)`
    package static func softcap(_ count: Int, _ cap: Float, _ x: Floats) { hone_softcap_f32(count, cap, x) }

    /// From the gradient of capped numbers `y` to that of the numbers before.
    package static func softcapBackward(_ count: Int, _ cap: Float, _ y: ReadOnlyFloats, _ gradient: Floats) {
        hone_softcap_backward_f32(count, cap, y, gradient)
    }

    package static func crossEntropy(
        rows: Int, vocabulary: Int, _ logits: Floats, targets: UnsafePointer<Int32>, gradient: Bool, loss: Floats
    ) {
        hone_cross_entropy(rows, vocabulary, logits, targets, gradient ? 1 : 0, loss)
    }
}
