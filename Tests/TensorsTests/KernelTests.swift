import CKernels
import Testing

/// Kernels against their scalar references, on every instruction set of this CPU, at sizes around the vector width.
@Suite("Kernels agree with their scalar references", .serialized)
struct KernelTests {
    static let sizes = [1, 7, 8, 9, 16, 33, 1023]
    static let sets = [hone_instructions_baseline, hone_instructions_avx2, hone_instructions_avx512]

    /// Numbers around 0, the same for equal seeds.
    static func numbers(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Float(state >> 40) / Float(1 << 23) - 1) * scale
        }
    }

    /// Runs `body` on every instruction set.
    private func onEverySet(_ body: () throws -> Void) rethrows {
        for set in Self.sets {
            hone_limit_instruction_set(set)
            try body()
        }
        hone_limit_instruction_set(hone_instructions_avx512_bf16)
    }

    private func expectClose(
        _ found: [Float], _ expected: [Float], _ tolerance: Float = 2e-5, _ what: Comment = "",
        location: SourceLocation = #_sourceLocation
    ) {
        let scale = max(1, expected.map(abs).max() ?? 0)
        let worst = zip(found, expected).map { ($0 - $1).isNaN ? .infinity : abs($0 - $1) }.max() ?? 0
        #expect(worst <= tolerance * scale, what, sourceLocation: location)
    }

    @Test("vectors: dot, axpy, scale, squares, exp, dropout", arguments: sizes)
    func vectors(n: Int) {
        let x = Self.numbers(n, seed: 1), y = Self.numbers(n, seed: 2)
        onEverySet {
            expectClose([hone_dot_f32(n, x, y)], [hone_dot_f32_reference(n, x, y)])
            var found = y, expected = y
            hone_axpy_f32(n, 0.7, x, &found)
            hone_axpy_f32_reference(n, 0.7, x, &expected)
            expectClose(found, expected)
            hone_scale_f32(n, -1.3, &found)
            hone_scale_f32_reference(n, -1.3, &expected)
            expectClose(found, expected)
            let squares = hone_sum_of_squares_f32_reference(n, x)
            #expect(abs(hone_sum_of_squares_f32(n, x) - squares) < 1e-5 * max(1, squares))
            let wide = x.map { $0 * 100 }
            hone_exp_f32(n, wide, &found)
            hone_exp_f32_reference(n, wide, &expected)
            for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 4e-7 * b) }
            hone_dropout_f32(n, 0.3, 0x1234_5678_9ABC_DEF0, 77, x, &found)
            hone_dropout_f32_reference(n, 0.3, 0x1234_5678_9ABC_DEF0, 77, x, &expected)
            expectClose(found, expected)
        }
    }

    @Test("dropout keeps the promised share, whatever the start, and another key drops others")
    func dropoutShare() {
        let ones = [Float](repeating: 1, count: 100_000)
        var kept = ones, rest = ones, other = ones
        hone_dropout_f32(ones.count, 0.1, 5, 0, ones, &kept)
        #expect(abs(Double(kept.count { $0 == 0 }) / 100_000 - 0.1) < 0.005)
        hone_dropout_f32(ones.count - 33, 0.1, 5, 33, ones, &rest)
        #expect(Array(rest[..<(ones.count - 33)]) == Array(kept[33...]))
        hone_dropout_f32(ones.count, 0.1, 6, 0, ones, &other)
        let both = zip(kept, other).count { $0 == 0 && $1 == 0 }
        #expect(abs(Double(both) / 100_000 - 0.01) < 0.003)
    }

    @Test("RMSNorm and its gradient", arguments: sizes)
    func rmsNorm(width: Int) {
        let rows = 3, n = rows * width
        let x = Self.numbers(n, seed: 3), delta = Self.numbers(n, seed: 4), weight = Self.numbers(width, seed: 5)
        let dy = Self.numbers(n, seed: 6), residual = Self.numbers(n, seed: 7)
        let zero = [Float](repeating: 0, count: n)
        onEverySet {
            var (sum, y, inverse) = (zero, zero, zero), (sum2, y2, inverse2) = (zero, zero, zero)
            hone_rmsnorm_forward(rows, width, x, delta, weight, 1e-5, &sum, &y, &inverse)
            hone_rmsnorm_forward_reference(rows, width, x, delta, weight, 1e-5, &sum2, &y2, &inverse2)
            expectClose(sum + y + inverse, sum2 + y2 + inverse2)
            hone_rmsnorm_forward(rows, width, x, nil, weight, 1e-5, nil, &y, &inverse)
            hone_rmsnorm_forward_reference(rows, width, x, nil, weight, 1e-5, nil, &y2, &inverse2)
            expectClose(y + inverse, y2 + inverse2)
            var (dx, dweight) = (zero, Self.numbers(width, seed: 8)), (dx2, dweight2) = (zero, dweight)
            hone_rmsnorm_backward(rows, width, dy, x, weight, inverse, residual, &dx, &dweight)
            hone_rmsnorm_backward_reference(rows, width, dy, x, weight, inverse, residual, &dx2, &dweight2)
            expectClose(dx, dx2, 1e-4)
            expectClose(dweight, dweight2, 1e-4)
        }
    }

    @Test("rotation, forward and back", arguments: [2, 6, 14, 16, 34, 64])
    func rope(rotated: Int) {
        let headSize = rotated + 3, rows = 5, heads = 3, stride = heads * headSize + 4
        let positions: [Int32] = [0, 4, 2, 9, 1]
        let angles = Self.numbers(10 * rotated / 2, seed: 9, scale: 3)
        var cosines = angles, sines = angles
        for (i, angle) in angles.enumerated() {
            cosines[i] = (1 - angle * angle / 9).squareRoot()
            sines[i] = angle / 3
        }
        let x = Self.numbers(rows * stride, seed: 10)
        onEverySet {
            var found = x, expected = x
            hone_rope(rows, heads, headSize, rotated, positions, cosines, sines, 1, &found, stride)
            hone_rope_reference(rows, heads, headSize, rotated, positions, cosines, sines, 1, &expected, stride)
            expectClose(found, expected)
            hone_rope(rows, heads, headSize, rotated, positions, cosines, sines, -1, &found, stride)
            expectClose(found, x)
        }
    }

    @Test("SwiGLU and its gradient", arguments: sizes)
    func swiGLU(width: Int) {
        let rows = 2
        let gateUp = Self.numbers(rows * 2 * width, seed: 11, scale: 6), dh = Self.numbers(rows * width, seed: 12)
        onEverySet {
            var h = dh, h2 = dh
            hone_swiglu_forward(rows, width, gateUp, &h)
            hone_swiglu_forward_reference(rows, width, gateUp, &h2)
            expectClose(h, h2)
            var (gradient, d) = (gateUp, dh), (gradient2, d2) = (gateUp, dh)
            hone_swiglu_backward(rows, width, &gradient, &d)
            hone_swiglu_backward_reference(rows, width, &gradient2, &d2)
            expectClose(gradient, gradient2)
            expectClose(d, h2)
        }
    }

    @Test("GeGLU and its gradient", arguments: sizes)
    func geGLU(width: Int) {
        let rows = 2
        let gateUp = Self.numbers(rows * 2 * width, seed: 11, scale: 6), dh = Self.numbers(rows * width, seed: 12)
        onEverySet {
            var h = dh, h2 = dh
            hone_geglu_forward(rows, width, gateUp, &h)
            hone_geglu_forward_reference(rows, width, gateUp, &h2)
            expectClose(h, h2)
            var (gradient, d) = (gateUp, dh), (gradient2, d2) = (gateUp, dh)
            hone_geglu_backward(rows, width, &gradient, &d)
            hone_geglu_backward_reference(rows, width, &gradient2, &d2)
            expectClose(gradient, gradient2)
            expectClose(d, h2)
        }
    }

    @Test("soft caps and their gradient", arguments: sizes)
    func softcap(n: Int) {
        let x = Self.numbers(n, seed: 14, scale: 20), dx = Self.numbers(n, seed: 15)
        onEverySet {
            var (y, d) = (x, dx), (y2, d2) = (x, dx)
            hone_softcap_f32(n, 5, &y)
            hone_softcap_f32_reference(n, 5, &y2)
            expectClose(y, y2)
            hone_softcap_backward_f32(n, 5, y2, &d)
            hone_softcap_backward_f32_reference(n, 5, y2, &d2)
            expectClose(d, d2)
        }
    }

    @Test("cross-entropy and its gradient", arguments: sizes)
    func crossEntropy(vocabulary: Int) {
        let rows = 3, targets = [0, vocabulary / 2, vocabulary - 1].map(Int32.init)
        let logits = Self.numbers(rows * vocabulary, seed: 13, scale: 20)
        onEverySet {
            var (found, loss) = (logits, [Float](repeating: 0, count: rows)), (expected, loss2) = (found, loss)
            hone_cross_entropy(rows, vocabulary, &found, targets, 0, &loss)
            #expect(found == logits)
            hone_cross_entropy(rows, vocabulary, &found, targets, 1, &loss)
            hone_cross_entropy_reference(rows, vocabulary, &expected, targets, 1, &loss2)
            expectClose(found, expected)
            expectClose(loss, loss2)
        }
    }

    @Test("AdamW", arguments: sizes)
    func adamW(n: Int) {
        var step = hone_adamw_step(
            learning_rate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.1, correction1: 0.271,
            correction2_sqrt: 0.0547, gradient_scale: 0.5)
        let gradient = Self.numbers(n, seed: 14)
        let start = (Self.numbers(n, seed: 15), Self.numbers(n, seed: 16), Self.numbers(n, seed: 17).map(abs))
        onEverySet {
            var (value, m, v) = start, (value2, m2, v2) = start
            hone_adamw(n, &step, gradient, &value, &m, &v)
            hone_adamw_reference(n, &step, gradient, &value2, &m2, &v2)
            expectClose(value + m + v, value2 + m2 + v2)
        }
    }

    @Test("half and bfloat16 widen exactly")
    func widening() {
        let halves: [UInt16] = [0, 0x8000, 0x3C00, 0xC000, 0x0001, 0x03FF, 0x7BFF, 0x7C00, 0xFC00, 0x3555]
        var floats = [Float](repeating: 0, count: halves.count)
        hone_expand_f16(halves.count, halves, &floats)
        #expect(floats == [0, -0.0, 1, -2, 0x1p-24, 1023 * 0x1p-24, 65504, .infinity, -.infinity, 0.333251953125])
        hone_expand_bf16(3, [0x3F80, 0xC040, 0x7F80], &floats)
        #expect(floats[..<3] == [1, -3, .infinity])
    }
}
