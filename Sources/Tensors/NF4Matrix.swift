internal import CKernels
import Foundation
import Plan

/// A frozen matrix in NF4 (QLoRA, arXiv 2305.14314): half a byte for each number and a scale for every 64 of them, which is
/// itself quantised when asked for (0.516 bytes per number instead of 0.563).
package final class NF4Matrix: @unchecked Sendable {
    package let count: Int
    private let packed: Buffer
    private let scales: Scales
    private var offset: Float = 0

    /// One float for every block, or one code, with one float for every block of codes.
    private enum Scales {
        case plain(Buffer)
        case nested(codes: Buffer, absmax: Buffer)
    }

    package init(count: Int, isDoubleQuantized: Bool) {
        self.count = count
        packed = Buffer(.uint8, count: (count + 1) / 2)
        let blocks = NF4Matrix.blocks(of: count)
        scales =
            isDoubleQuantized
            ? .nested(
                codes: Buffer(.uint8, count: blocks),
                absmax: Buffer(.float32, count: (blocks + NF4.nestedBlock - 1) / NF4.nestedBlock))
            : .plain(Buffer(.float32, count: blocks))
    }

    /// Bytes of `count` numbers.
    package static func byteCount(_ count: Int, isDoubleQuantized: Bool) -> Int {
        let blocks = blocks(of: count)
        let nested = blocks + 4 * ((blocks + NF4.nestedBlock - 1) / NF4.nestedBlock)
        return (count + 1) / 2 + (isDoubleQuantized ? nested : 4 * blocks)
    }

    private static func blocks(of count: Int) -> Int { (count + NF4.block - 1) / NF4.block }

    package var blockCount: Int { NF4Matrix.blocks(of: count) }

    /// Quantises `count` numbers as bitsandbytes does.
    package func store(_ numbers: ReadOnlyFloats) {
        switch scales {
        case .plain(let absmax):
            hone_nf4_quantize(count, NF4.block, numbers, packed.uint8s, absmax.floats)
        case .nested(let codes, let absmax):
            let plain = Buffer(.float32, count: blockCount)
            hone_nf4_quantize(count, NF4.block, numbers, packed.uint8s, plain.floats)
            offset = hone_absmax_quantize(blockCount, NF4.nestedBlock, plain.floats, codes.uint8s, absmax.floats)
        }
    }

    /// Writes the numbers of `blocks` in bfloat16, each to its place in `numbers`; blocks begin at a multiple of
    /// `NF4.nestedBlock`, so that their scales do too.
    package func expand(_ blocks: Range<Int>, into numbers: BFloats) {
        precondition(blocks.lowerBound % NF4.nestedBlock == 0, "blocks are expanded from whole groups of scales")
        // A group of scales at a time, on the stack.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: NF4.nestedBlock) { room in
            guard let room = room.baseAddress else { return }
            for first in stride(from: blocks.lowerBound, to: blocks.upperBound, by: NF4.nestedBlock) {
                let group = first..<min(first + NF4.nestedBlock, blocks.upperBound), start = first * NF4.block
                hone_nf4_expand_bf16(
                    min(group.count * NF4.block, count - start), NF4.block, packed.uint8s + start / 2,
                    scale(of: group, room: room), numbers + start)
            }
        }
    }

    private func scale(of group: Range<Int>, room: Floats) -> ReadOnlyFloats {
        switch scales {
        case .plain(let absmax): return ReadOnlyFloats(absmax.floats + group.lowerBound)
        case .nested(let codes, let absmax):
            NF4Matrix.map.withUnsafeBufferPointer { map in
                guard let map = map.baseAddress else { return }
                hone_absmax_expand(
                    group.count, NF4.nestedBlock, codes.uint8s + group.lowerBound, map,
                    absmax.floats + group.lowerBound / NF4.nestedBlock, offset, room)
            }
            return ReadOnlyFloats(room)
        }
    }

    /// Writes numbers `range` as floats, as products see them: rounded to bfloat16.
    package func load(_ range: Range<Int>, into numbers: Floats) {
        let unit = NF4.block * NF4.nestedBlock
        let room = Buffer(.bfloat16, count: unit)
        for start in stride(from: range.lowerBound / unit * unit, to: range.upperBound, by: unit) {
            let first = start / NF4.block
            expand(first..<min(first + NF4.nestedBlock, blockCount), into: room.bfloats - start)
            let part = range.clamped(to: start..<start + unit), place = part.lowerBound - range.lowerBound
            Kernels.widen(part.count, room.bfloats + part.lowerBound - start, into: numbers + place)
        }
    }

    /// What the codes of scales stand for.
    private static let map = NF4.dynamicMap
}
