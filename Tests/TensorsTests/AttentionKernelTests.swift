import CKernels
import Testing

@Suite("The attention kernel agrees with its scalar reference", .serialized)
struct AttentionKernelTests {
    /// A fused row of two query heads, a key and a value, and the rows of several segments.
    private struct Problem {
        let headSize: Int, group = 2
        let spans: [hone_span]
        var window = 0, softcap: Float = 0
        var rows: Int { spans.map { $0.start + $0.count }.max() ?? 0 }
        var stride: Int { (group + 2) * headSize }

        typealias Forward = (UnsafePointer<hone_attention>) -> Void
        typealias Backward = (
            UnsafePointer<hone_attention>, UnsafePointer<Float>, UnsafeMutablePointer<Float>,
            UnsafeMutablePointer<Float>,
            UnsafeMutablePointer<Float>
        ) -> Void

        func solve(_ forward: Forward, _ backward: Backward) -> [Float] {
            let qkv = KernelTests.numbers(rows * stride, seed: 21, scale: 2)
            let dout = KernelTests.numbers(rows * group * headSize, seed: 22)
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
                                            chain_length: spans.count, scale: 0.4, scratch: scratch.baseAddress, window: window, softcap: softcap)
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

    @Test("forward and backward, alone and behind prefixes", arguments: [1, 7, 8, 9, 40, 101], [2, 6, 16, 32, 64, 80])
    func attention(count: Int, headSize: Int) {
        var problems = [
            Problem(headSize: headSize, spans: [hone_span(start: 2, count: count)]),
            Problem(
                headSize: headSize,
                spans: [
                    hone_span(start: 0, count: 5), hone_span(start: 9, count: 12), hone_span(start: 30, count: count),
                ]),
        ]
        for (window, softcap) in [(1, Float(0)), (6, 0), (37, 1.5), (0, 0.8)] {
            var problem = problems[1]
            (problem.window, problem.softcap) = (window, softcap)
            problems.append(problem)
        }
        for problem in problems {
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
}
