import Foundation
import Plan
import Tensors

/// One named tensor of the base model where it is kept, in the number format it is kept in.
package struct BaseTensor {
    /// As Hugging Face writes it: `model.layers.0.mlp.up_proj.weight`.
    package let name: String
    package let shape: [Int]
    let storage: Storage
    /// nil when it is frozen.
    let gradient: Floats?

    enum Storage {
        /// From number `offset` of a block of float32 or bfloat16 on.
        case plain(Buffer, offset: Int)
        case nf4(NF4Matrix)
    }

    package var count: Int { shape.reduce(1, *) }

    /// The numbers as something trainable; only in float32.
    var parameter: Parameter {
        // Only `Trainable.full` asks, and approval refuses it with anything but float32 before a model is made.
        guard case .plain(let block, let offset) = storage else {
            preconditionFailure("\(name) is quantised, and what is trained is not")
        }
        return Parameter(name: name, shape: shape, values: block.floats + offset, gradient: gradient)
    }

    /// Writes numbers `range` of it as floats.
    func load(_ range: Range<Int>, into numbers: Floats) {
        switch storage {
        case .nf4(let matrix): matrix.load(range, into: numbers)
        case .plain(let block, let offset) where block.elementType == .bfloat16:
            Kernels.widen(range.count, block.bfloats + offset + range.lowerBound, into: numbers)
        case .plain(let block, let offset):
            numbers.update(from: block.floats + offset + range.lowerBound, count: range.count)
        }
    }

    /// Lets `fill` write the numbers as floats: in place where they are floats, else through memory of their own, to be
    /// rounded to the tensor's format.
    func fill<Failure>(_ fill: (Floats) throws(Failure) -> Void) throws(Failure) {
        if case .plain(let block, let offset) = storage, block.elementType == .float32 {
            return try fill(block.floats + offset)
        }
        let numbers = Buffer(.float32, count: count)
        try fill(numbers.floats)
        switch storage {
        case .nf4(let matrix): matrix.store(numbers.floats)
        case .plain(let block, let offset): Kernels.narrow(count, numbers.floats, into: block.bfloats + offset)
        }
    }
}
