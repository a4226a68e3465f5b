import Foundation
package import Plan
import Tensors

/// One named tensor of the base model where it is kept, in the number format it is kept in.
package struct BaseTensor {
    /// As Hugging Face writes it: `model.layers.0.mlp.up_proj.weight`.
    package let name: String
    package let shape: [Int]
    let block: Buffer
    /// First number in the block.
    let offset: Int
    /// nil when it is frozen.
    let gradient: Floats?

    package var count: Int { shape.reduce(1, *) }
    package var elementType: ElementType { block.elementType }

    /// The numbers as something trainable; only in float32.
    var parameter: Parameter {
        Parameter(name: name, shape: shape, values: block.floats + offset, gradient: gradient)
    }

    /// Gives it `count` new numbers, rounded to its format.
    func store(_ numbers: ReadOnlyFloats) {
        switch block.elementType {
        case .bfloat16: Kernels.narrow(count, numbers, into: block.bfloats + offset)
        default: (block.floats + offset).update(from: numbers, count: count)
        }
    }

    /// Writes numbers `range` of it as floats.
    func load(_ range: Range<Int>, into numbers: Floats) {
        switch block.elementType {
        case .bfloat16: Kernels.widen(range.count, block.bfloats + offset + range.lowerBound, into: numbers)
        default: numbers.update(from: block.floats + offset + range.lowerBound, count: range.count)
        }
    }

    /// Lets `fill` write the numbers as floats: in place where they are floats, else through memory of their own.
    func fill<Failure>(_ fill: (Floats) throws(Failure) -> Void) throws(Failure) {
        guard block.elementType != .float32 else { return try fill(block.floats + offset) }
        let numbers = Buffer(.float32, count: count)
        try fill(numbers.floats)
        store(numbers.floats)
    }
}
