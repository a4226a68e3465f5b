import CKernels
import Testing

/// The scalar references against finite differences; the fast kernels are compared with the references elsewhere.
@Suite("Every backward kernel is the derivative of its forward kernel")
struct GradientTests {
    /// d(sum of weights * f)/dx by central differences, entry by entry.
    private func differences(_ x: [Float], step: Float = 1e-2, _ weights: [Float], _ f: ([Float]) -> [Float]) -> [Float]
    {
        x.indices.map { index in
            var low = x, high = x
            low[index] -= step
            high[index] += step
            let change = zip(zip(f(high), f(low)), weights).reduce(0.0) { sum, pair in
                sum + (Double(pair.0.0) - Double(pair.0.1)) * Double(pair.1)
            }
            return Float(change / Double(2 * step))
        }
    }

    private func expectClose(_ found: [Float], _ expected: [Float], location: SourceLocation = #_sourceLocation) {
        let scale = max(0.1, expected.map(abs).max() ?? 0)
        for (a, b) in zip(found, expected) { #expect(abs(a - b) < 3e-3 * scale, sourceLocation: location) }
    }

    @Test("RMSNorm, input and weight")
    func rmsNorm() {
        let rows = 2, width = 9, n = rows * width
        let x = KernelTests.numbers(n, seed: 31), weight = KernelTests.numbers(width, seed: 32)
        let dy = KernelTests.numbers(n, seed: 33)
        func norm(_ x: [Float], _ weight: [Float]) -> (y: [Float], inverse: [Float]) {
            var y = x, inverse = [Float](repeating: 0, count: rows)
            hone_rmsnorm_forward_reference(rows, width, x, nil, weight, 1e-5, nil, &y, &inverse)
            return (y, inverse)
        }
        var dx = x, dweight = [Float](repeating: 0, count: width)
        hone_rmsnorm_backward_reference(rows, width, dy, x, weight, norm(x, weight).inverse, nil, &dx, &dweight)
        expectClose(dx, differences(x, step: 2e-3, dy) { norm($0, weight).y })
        expectClose(dweight, differences(weight, dy) { norm(x, $0).y })
    }

    @Test("rotation")
    func rope() {
        let x = KernelTests.numbers(12, seed: 34), dy = KernelTests.numbers(12, seed: 35)
        let cosines: [Float] = [0.6, 0.8, -0.28, 1, 0, 0.5], sines: [Float] = [0.8, -0.6, 0.96, 0, 1, 0.8660254]
        func rotate(_ x: [Float], _ direction: Float) -> [Float] {
            var y = x
            hone_rope_reference(2, 1, 6, 6, [0, 1], cosines, sines, direction, &y, 6)
            return y
        }
        expectClose(rotate(dy, -1), differences(x, dy) { rotate($0, 1) })
    }

    @Test("SwiGLU")
    func swiGLU() {
        let gateUp = KernelTests.numbers(14, seed: 36, scale: 3), dh = KernelTests.numbers(7, seed: 37)
        var gradient = gateUp, h = dh
        hone_swiglu_backward_reference(1, 7, &gradient, &h)
        let expected = differences(gateUp, dh) { gateUp in
            var h = dh
            hone_swiglu_forward_reference(1, 7, gateUp, &h)
            return h
        }
        expectClose(gradient, expected)
    }

    @Test("cross-entropy")
    func crossEntropy() {
        let logits = KernelTests.numbers(14, seed: 38, scale: 3)
        func losses(_ logits: [Float]) -> [Float] {
            var copy = logits, loss: [Float] = [0, 0]
            hone_cross_entropy_reference(2, 7, &copy, [3, 0], 0, &loss)
            return loss
        }
        var gradient = logits, loss: [Float] = [0, 0]
        hone_cross_entropy_reference(2, 7, &gradient, [3, 0], 1, &loss)
        expectClose(gradient, differences(logits, [1, 1], losses))
    }

    @Test("GeGLU")
    func geGLU() {
        let gateUp = KernelTests.numbers(14, seed: 36, scale: 3), dh = KernelTests.numbers(7, seed: 37)
        var gradient = gateUp, h = dh
        hone_geglu_backward_reference(1, 7, &gradient, &h)
        let expected = differences(gateUp, dh) { gateUp in
            var h = dh
            hone_geglu_forward_reference(1, 7, gateUp, &h)
            return h
        }
        expectClose(gradient, expected)
    }

    @Test("soft caps")
    func softcap() {
        let x = KernelTests.numbers(9, seed: 38, scale: 3), dy = KernelTests.numbers(9, seed: 39)
        func capped(_ x: [Float]) -> [Float] {
            var y = x
            hone_softcap_f32_reference(9, 2, &y)
            return y
        }
        var dx = dy
        hone_softcap_backward_f32_reference(9, 2, capped(x), &dx)
        expectClose(dx, differences(x, dy, capped))
    }

    @Test("attention behind a prefix, within a window, with capped scores", arguments: [0, 3], [Float(0), 1.2])
    func attention(window: Int, softcap: Float) {
        // A row is one query head, one key head, one value head of four features; 3 prefix rows, 4 own rows.
        let rows = 7, size = 4, stride = 3 * size
        let spans = [hone_span(start: 0, count: 3), hone_span(start: 3, count: 4)]
        let qkv = KernelTests.numbers(rows * stride, seed: 39, scale: 1.5)
        let dout = KernelTests.numbers(rows * size, seed: 40)
        func run(_ qkv: [Float], backward: Bool) -> [Float] {
            var out = dout.map { _ in Float(0) }, lse = [Float](repeating: 0, count: rows)
            var gradient = qkv.map { _ in Float(0) }
            qkv.withUnsafeBufferPointer { qkv in
                spans.withUnsafeBufferPointer { spans in
                    out.withUnsafeMutableBufferPointer { out in
                        lse.withUnsafeMutableBufferPointer { lse in
                            guard let q = qkv.baseAddress, let target = out.baseAddress else { return }
                            var call = hone_attention(
                                q: q, k: q + size, v: q + 2 * size, stride: stride, D: size, group: 1, out: target,
                                out_stride: size, lse: lse.baseAddress, lse_stride: 1, chain: spans.baseAddress,
                                chain_length: 2, scale: 0.5, scratch: nil, window: window, softcap: softcap)
                            hone_attention_forward_reference(&call)
                            guard backward else { return }
                            gradient.withUnsafeMutableBufferPointer { gradient in
                                guard let d = gradient.baseAddress else { return }
                                hone_attention_backward_reference(&call, dout, d, d + size, d + 2 * size)
                            }
                        }
                    }
                }
            }
            return backward ? gradient : out
        }
        // Prefix rows have no query of their own here, so their outputs stay 0 and carry no weight.
        expectClose(run(qkv, backward: true), differences(qkv, dout) { run($0, backward: false) })
    }
}
