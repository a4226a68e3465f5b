internal import CKernels

/// Weights in NF4 (QLoRA, arXiv 2305.14314), byte for byte as bitsandbytes stores them.
package enum NF4 {
    /// Numbers that share an absmax, and absmaxes that share theirs.
    package static let block = 64
    package static let nestedBlock = 256

    package static var values: [Float] { (0..<16).map { hone_nf4_values()[$0] } }

    /// The 256 numbers that codes of the second quantisation stand for.
    package static var dynamicMap: [Float] {
        [Float](unsafeUninitializedCapacity: 256) { map, count in
            guard let base = map.baseAddress else { return }
            hone_dynamic_map(base)
            count = 256
        }
    }

    /// Two codes to a byte, the first in the high half, and one absmax for every block.
    package static func quantize(_ x: [Float]) -> (packed: [UInt8], absmax: [Float]) {
        var packed = [UInt8](repeating: 0, count: (x.count + 1) / 2)
        var absmax = [Float](repeating: 0, count: (x.count + block - 1) / block)
        hone_nf4_quantize(x.count, block, x, &packed, &absmax)
        return (packed, absmax)
    }

    /// The second quantisation: a code for each absmax, one absmax for every block of them, the offset taken off first.
    package static func quantize(absmax: [Float]) -> (codes: [UInt8], absmax: [Float], offset: Float) {
        var codes = [UInt8](repeating: 0, count: absmax.count)
        var second = [Float](repeating: 0, count: (absmax.count + nestedBlock - 1) / nestedBlock)
        let offset = hone_absmax_quantize(absmax.count, nestedBlock, absmax, &codes, &second)
        return (codes, second, offset)
    }

    /// Writes `count` numbers; `packed` and `absmax` as `quantize` gives them.
    package static func expand(
        count: Int, block: Int, _ packed: UnsafePointer<UInt8>, values: [Float], absmax: [Float], into x: Floats
    ) {
        hone_nf4_expand(count, block, packed, values, absmax, x)
    }

    package static func expandAbsmax(
        _ codes: UnsafeRawBufferPointer, block: Int, map: [Float], absmax: [Float], offset: Float
    ) -> [Float] {
        [Float](unsafeUninitializedCapacity: codes.count) { result, count in
            guard let base = result.baseAddress, let start = codes.bindMemory(to: UInt8.self).baseAddress else { return }
            hone_absmax_expand(codes.count, block, start, map, absmax, offset, base)
            count = codes.count
        }
    }
}
