internal import CKernels

/// Products of bfloat16 matrices with sums in float32, on the calling thread; weights are read as they are stored.
package enum BFloat16Product {
    /// One term of a sum of products: x[rows, count] times a weight, over `count` numbers of each row.
    package struct Term {
        let term: hone_term_bf16

        package init(
            _ x: ReadOnlyBFloats, stride: Int, weight: ReadOnlyBFloats, weightStride: Int, summingOver count: Int
        ) {
            term = hone_term_bf16(x: x, x_stride: stride, weight: weight, weight_stride: weightStride, K: count)
        }
    }

    /// Bytes of scratch, aligned to 64, that one thread needs.
    package static var scratchBytes: Int { Int(hone_product_bf16_scratch) }

    /// Forward: result[rows, outputs] from x[rows, inputs] and weight[outputs, inputs]; `tail` is added to the same sums.
    package static func forward(
        rows: Int, outputs: Int, _ main: Term, plus tail: Term? = nil, into result: Floats, stride: Int,
        accumulating: Bool = false, scratch: UnsafeMutableRawPointer
    ) {
        multiply(rows, outputs, main, tail, isTransposed: false, accumulating, result, stride, scratch)
    }

    /// Gradient of the input: result[rows, inputs] from dy[rows, outputs] and weight[outputs, inputs].
    package static func inputGradient(
        rows: Int, inputs: Int, _ main: Term, plus tail: Term? = nil, into result: Floats, stride: Int,
        accumulating: Bool = false, scratch: UnsafeMutableRawPointer
    ) {
        multiply(rows, inputs, main, tail, isTransposed: true, accumulating, result, stride, scratch)
    }

    private static func multiply(
        _ rows: Int, _ columns: Int, _ main: Term, _ tail: Term?, isTransposed: Bool, _ isAccumulating: Bool,
        _ result: Floats, _ stride: Int, _ scratch: UnsafeMutableRawPointer
    ) {
        withUnsafePointer(to: (main.term, tail?.term ?? main.term)) { terms in
            terms.withMemoryRebound(to: hone_term_bf16.self, capacity: 2) { first in
                hone_product_bf16(
                    rows, columns, tail == nil ? 1 : 2, first, isTransposed ? 1 : 0, isAccumulating ? 1 : 0, result,
                    stride, scratch)
            }
        }
    }
}
