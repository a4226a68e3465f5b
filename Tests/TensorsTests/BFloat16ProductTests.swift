import CKernels
import Foundation
import Tensors
import Testing

@Suite("Products of bfloat16 agree with their scalar reference", .serialized)
struct BFloat16ProductTests {
    private static let sets = KernelTests.sets + [hone_instructions_avx512_bf16]

    private func narrow(_ x: [Float]) -> [UInt16] {
        var y = [UInt16](repeating: 0, count: x.count)
        hone_narrow_bf16(x.count, x, &y)
        return y
    }

    @Test(
        "forward and input gradient, assigned and accumulated",
        arguments: [(1, 1, 1), (7, 8, 9), (13, 33, 65), (12, 64, 32), (29, 31, 130), (5, 1023, 7), (3, 9, 1023)])
    func products(rows: Int, outputs: Int, inputs: Int) {
        let weight = narrow(KernelTests.numbers(outputs * inputs, seed: 51))
        let x = narrow(KernelTests.numbers(rows * inputs, seed: 52)),
            dy = narrow(KernelTests.numbers(rows * outputs, seed: 53))
        let scratch = UnsafeMutableRawPointer.allocate(
            byteCount: MatrixProduct.bfloat16ScratchBytes(inputs: max(inputs, outputs)), alignment: 64)
        defer { scratch.deallocate() }
        for set in Self.sets {
            hone_limit_instruction_set(set)
            for isAccumulating in [false, true] {
                var y = KernelTests.numbers(rows * outputs, seed: 54), y2 = y
                MatrixProduct.forward(
                    rows: rows, outputs: outputs, inputs: inputs, x, stride: inputs, weight, into: &y, stride: outputs,
                    accumulating: isAccumulating, scratch: scratch)
                hone_product_bf16_reference(
                    rows, outputs, inputs, x, inputs, weight, inputs, 0, isAccumulating ? 1 : 0, &y2, outputs, nil)
                var dx = KernelTests.numbers(rows * inputs, seed: 55), dx2 = dx
                MatrixProduct.inputGradient(
                    rows: rows, outputs: outputs, inputs: inputs, dy, stride: outputs, weight, into: &dx,
                    stride: inputs,
                    accumulating: isAccumulating, scratch: scratch)
                hone_product_bf16_reference(
                    rows, inputs, outputs, dy, outputs, weight, inputs, 1, isAccumulating ? 1 : 0, &dx2, inputs, nil)
                for (found, expected) in zip(y + dx, y2 + dx2) { #expect(abs(found - expected) < 2e-4) }
            }
        }
        hone_limit_instruction_set(hone_instructions_avx512_bf16)
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
