import CKernels
import Testing

@Suite("The attention kernel agrees with its scalar reference", .serialized)
struct AttentionKernelTests {
    /// A fused row of two query heads, a key and a value, and the rows of several segments.
    private struct Problem {
        let headSize: Int, group = 2
        let spans: [hone_span]
        var window = 0, softcap: Float = 0
        /// Whether queries, keys, values and gradients are numbers of bfloat16.
        var isNarrow = false
        var rows: Int { spans.map { $0.start + $0.count }.max() ?? 0 }
        var stride: Int { (group + 2) * headSize }

        typealias Forward = (UnsafePointer<hone_attention>) -> Void
        typealias Backward = (
            UnsafePointer<hone_attention>, UnsafePointer<Float>, UnsafeMutablePointer<Float>,
            UnsafeMutablePointer<Float>,
            UnsafeMutablePointer<Float>
        ) -> Void

        private func numbers(_ count: Int, seed: UInt64, scale: Float) -> [Float] {
            let numbers = KernelTests.numbers(count, seed: seed, scale: scale)
            guard isNarrow else { return numbers }
            return numbers.map { Float(bitPattern: ($0.bitPattern &+ 0x8000) & 0xFFFF_0000) }
        }

        func solve(_ forward: Forward, _ backward: Backward) -> [Float] {
            let qkv = numbers(rows * stride, seed: 21, scale: 2)
            let dout = numbers(rows * group * headSize, seed: 22, scale: 1)
            var out = dout.map { _ in Float(0) }, lse = [Float](repeating: 0, count: rows * group)
            var gradient = qkv.map { _ in Float(0.25) }
            let keys = spans.reduce(0) { $0 + $1.count }
            var scratch = [Float](repeating: .nan, count: hone_attention_scratch(keys, headSize))
            qkv.withUnsafeBufferPointer { qkv in
                dout.withUnsafeBufferPointer { dout in
                    out.withUnsafeMutableBufferPointer { out in
                        lse.withUnsafeMutableBufferPointer { lse in
                            gradient.withUnsafeMutableBufferPointer { gradient in
                                scratch.withUnsafeMutableBufferPointer { scratch in
                                    spans.withUnsafeBufferPointer { spans in
                                        guard let q = qkv.baseAddress, let d = gradient.baseAddress,
                                            let dout = dout.baseAddress
                                        else { return }
                                        var call = hone_attention(
                                            q: q, k: q + group * headSize, v: q + (group + 1) * headSize,
                                            stride: stride,
                                            D: headSize, group: group, out: out.baseAddress,
                                            out_stride: group * headSize,
                                            lse: lse.baseAddress, lse_stride: group, chain: spans.baseAddress,
                                            chain_length: spans.count, scale: 0.4, scratch: scratch.baseAddress,
                                            window: window, softcap: softcap)
                                        forward(&call)
                                        backward(&call, dout, d, d + group * headSize, d + (group + 1) * headSize)
                                    }
                                }
                            }
                        }
                    }
                }
            }
            return out + lse + gradient
        }
    }

    private func problems(count: Int, headSize: Int) -> [Problem] {
        let spans = [hone_span(start: 0, count: 5), hone_span(start: 9, count: 12), hone_span(start: 30, count: count)]
        return [Problem(headSize: headSize, spans: [hone_span(start: 2, count: count)])]
            + [(0, Float(0)), (1, 0), (6, 0), (37, 1.5), (0, 0.8)].map { window, softcap in
                Problem(headSize: headSize, spans: spans, window: window, softcap: softcap)
            }
    }

    @Test("forward and backward, alone and behind prefixes", arguments: [1, 7, 8, 9, 40, 101], [2, 6, 16, 32, 64, 80])
    func attention(count: Int, headSize: Int) {
        for problem in problems(count: count, headSize: headSize) {
            let expected = problem.solve(hone_attention_forward_reference, hone_attention_backward_reference)
            for set in KernelTests.sets {
                hone_limit_instruction_set(set)
                let found = problem.solve(hone_attention_forward, hone_attention_backward)
                let worst = zip(found, expected).map { ($0 - $1).isNaN ? .infinity : abs($0 - $1) }.max() ?? 0
                #expect(worst < 1e-4)
            }
            hone_limit_instruction_set(hone_instructions_avx512_bf16)
        }
    }

    /// Weights and the gradients of scores are rounded to eight bits before they are multiplied.
    @Test("in bfloat16, within its rounding", arguments: [1, 7, 24, 25, 40, 101], [2, 6, 15, 32, 64, 80])
    func narrow(count: Int, headSize: Int) {
        for var problem in problems(count: count, headSize: headSize) {
            problem.isNarrow = true
            let expected = problem.solve(hone_attention_forward_reference, hone_attention_backward_reference)
            for set in KernelTests.sets + [hone_instructions_avx512_bf16] {
                hone_limit_instruction_set(set)
                let found = problem.solve(hone_attention_forward_bf16, hone_attention_backward_bf16)
                let squares = zip(found, expected).reduce(into: (Double(0), Double(0))) { sums, pair in
                    sums.0 += Double((pair.0 - pair.1) * (pair.0 - pair.1))
                    sums.1 += Double(pair.1 * pair.1)
                }
                #expect(squares.0 <= 1e-5 * squares.1)
            }
            hone_limit_instruction_set(hone_instructions_avx512_bf16)
        }
    }
}
