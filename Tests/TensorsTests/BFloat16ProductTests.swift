import CKernels
import Foundation
import Testing

@testable import Tensors

@Suite("Products of bfloat16 agree with their scalar reference", .serialized)
struct BFloat16ProductTests {
    private static let sets = KernelTests.sets + [hone_instructions_avx512_bf16]

    private func narrow(_ x: [Float]) -> [UInt16] {
        var y = [UInt16](repeating: 0, count: x.count)
        hone_narrow_bf16(x.count, x, &y)
        return y
    }

    @Test(
        "forward and input gradient, assigned and accumulated, alone and with a low-rank term",
        arguments: [
            (1, 1, 1), (7, 8, 9), (13, 33, 65), (12, 64, 32), (29, 31, 130), (5, 1023, 7), (3, 9, 1023), (14, 4101, 35),
        ])
    func products(rows: Int, outputs: Int, inputs: Int) {
        let rank = 5
        let weight = numbers(outputs * inputs, 51), x = numbers(rows * inputs, 52), dy = numbers(rows * outputs, 53)
        let a = numbers(rank * inputs, 57), b = numbers(outputs * rank, 58), u = numbers(rows * rank, 59)
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: BFloat16Product.scratchBytes, alignment: 64)
        defer { scratch.deallocate() }
        let forward = [
            BFloat16Product.Term(x, stride: inputs, weight: weight, weightStride: inputs, summingOver: inputs),
            BFloat16Product.Term(u, stride: rank, weight: b, weightStride: rank, summingOver: rank),
        ]
        let backward = [
            BFloat16Product.Term(dy, stride: outputs, weight: weight, weightStride: inputs, summingOver: outputs),
            BFloat16Product.Term(u, stride: rank, weight: a, weightStride: inputs, summingOver: rank),
        ]
        for set in Self.sets {
            for (isAccumulating, hasTail) in [(false, false), (false, true), (true, false), (true, true)] {
                hone_limit_instruction_set(set)
                var y = KernelTests.numbers(rows * outputs, seed: 54), y2 = y
                BFloat16Product.forward(
                    rows: rows, outputs: outputs, forward[0], plus: hasTail ? forward[1] : nil, into: &y,
                    stride: outputs, accumulating: isAccumulating, scratch: scratch)
                reference(rows, outputs, forward, hasTail, isTransposed: false, isAccumulating, &y2)
                var dx = KernelTests.numbers(rows * inputs, seed: 55), dx2 = dx
                BFloat16Product.inputGradient(
                    rows: rows, inputs: inputs, backward[0], plus: hasTail ? backward[1] : nil, into: &dx,
                    stride: inputs, accumulating: isAccumulating, scratch: scratch)
                reference(rows, inputs, backward, hasTail, isTransposed: true, isAccumulating, &dx2)
                let largest = zip(y + dx, y2 + dx2).map { abs($0 - $1) }.max() ?? .infinity
                #expect(largest < 4e-4, "\(set), tail \(hasTail), accumulating \(isAccumulating)")
            }
        }
        hone_limit_instruction_set(hone_instructions_avx512_bf16)
        for kept in [weight, x, dy, a, b, u] { kept.deallocate() }
    }

    private func numbers(_ count: Int, _ seed: UInt64) -> UnsafePointer<UInt16> {
        let values = UnsafeMutablePointer<UInt16>.allocate(capacity: count)
        hone_narrow_bf16(count, KernelTests.numbers(count, seed: seed), values)
        return UnsafePointer(values)
    }

    private func reference(
        _ rows: Int, _ columns: Int, _ terms: [BFloat16Product.Term], _ hasTail: Bool, isTransposed: Bool,
        _ isAccumulating: Bool, _ y: inout [Float]
    ) {
        let raw = terms.prefix(hasTail ? 2 : 1).map(\.term)
        hone_product_bf16_reference(
            rows, columns, raw.count, raw, isTransposed ? 1 : 0, isAccumulating ? 1 : 0, &y, columns, nil)
    }

    @Test("NF4 comes out in bfloat16 as its reference writes it", arguments: [1, 63, 64, 200, 4096])
    func nf4(count: Int) {
        let numbers = KernelTests.numbers(count, seed: 61), blocks = (count + 63) / 64
        var packed = [UInt8](repeating: 0, count: (count + 1) / 2), absmax = [Float](repeating: 0, count: blocks)
        hone_nf4_quantize(count, 64, numbers, &packed, &absmax)
        var found = [UInt16](repeating: 0, count: count), expected = found
        hone_nf4_expand_bf16_reference(count, 64, packed, absmax, &expected)
        hone_nf4_expand_bf16(count, 64, packed, absmax, &found)
        #expect(found == expected)
    }

    @Test("narrowing rounds to nearest even, and widening gives back what was exact", arguments: KernelTests.sizes)
    func narrowing(n: Int) {
        var x = KernelTests.numbers(n, seed: 56, scale: 1e4)
        let specials: [Float] = [1 + 0x1p-8, 1 + 3 * 0x1p-8, -.infinity, .nan, 0x1p-140, 3.4e38]
        for (index, special) in specials.enumerated() where index < n { x[index] = special }
        var expected = [UInt16](repeating: 0, count: n)
        hone_narrow_bf16_reference(n, x, &expected)
        for set in Self.sets {
            hone_limit_instruction_set(set)
            #expect(narrow(x) == expected)
        }
        hone_limit_instruction_set(hone_instructions_avx512_bf16)
        #expect(expected[0] == 0x3F80)
        var wide = [Float](repeating: 0, count: n), again = expected
        hone_expand_bf16(n, expected, &wide)
        hone_narrow_bf16(n, wide, &again)
        #expect(again == expected)
    }
}
