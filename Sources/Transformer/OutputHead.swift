import ModelFiles
import Plan
import Tensors

/// The product that makes logits of hidden rows, in the number format the weight is kept in.
struct OutputHead {
    let vocabulary: Int, width: Int
    let weight: Weight

    enum Weight {
        case float32(ReadOnlyFloats)
        /// `hidden` has room for [rows, width] numbers.
        case bfloat16(ReadOnlyBFloats, hidden: BFloats, scratch: UnsafeMutableRawPointer)
    }

    /// Writes the logits of `rows` for the tokens `columns`.
    func forward(_ rows: Range<Int>, _ columns: Range<Int>, _ hidden: Floats, into logits: Floats) {
        let first = rows.lowerBound * width, result = logits + rows.lowerBound * vocabulary + columns.lowerBound
        switch weight {
        case .float32(let weight):
            MatrixProduct.forward(
                rows: rows.count, outputs: columns.count, inputs: width, hidden + first, stride: width,
                weight + columns.lowerBound * width, into: result, stride: vocabulary)
        case .bfloat16(let weight, let narrowed, let scratch):
            Kernels.narrow(rows.count * width, hidden + first, into: narrowed + first)
            BFloat16Product.forward(
                rows: rows.count, outputs: columns.count,
                .init(
                    narrowed + first, stride: width, weight: weight + columns.lowerBound * width, weightStride: width,
                    summingOver: width),
                into: result, stride: vocabulary, scratch: scratch)
        }
    }

    /// The gradient of hidden rows, from that of their logits; in bfloat16 the latter are narrowed where they lie.
    func backwardInput(_ rows: Range<Int>, _ logits: Floats, into gradient: Floats) {
        let first = rows.lowerBound * width, start = logits + rows.lowerBound * vocabulary
        switch weight {
        case .float32(let weight):
            MatrixProduct.inputGradient(
                rows: rows.count, outputs: vocabulary, inputs: width, start, stride: vocabulary, weight,
                into: gradient + first, stride: width)
        case .bfloat16(let weight, _, let scratch):
            let narrowed = UnsafeMutableRawPointer(start).assumingMemoryBound(to: UInt16.self)
            Kernels.narrow(rows.count * vocabulary, start, into: narrowed)
            BFloat16Product.inputGradient(
                rows: rows.count, inputs: width,
                .init(
                    narrowed, stride: vocabulary, weight: weight, weightStride: width, summingOver: vocabulary),
                into: gradient + first, stride: width, scratch: scratch)
        }
    }
}

extension LlamaModel {
    /// The output head for one member's use.
    func head(_ member: TeamMember) -> OutputHead {
        let weight: OutputHead.Weight =
            switch precision {
            case .bf16:
                .bfloat16(
                    weights.matrices.bfloats + weights.head,
                    hidden: bfloats(layout.narrowedHidden) + member.index * layout.headRows * shape.hiddenSize,
                    scratch: productScratch(member.index))
            default: .float32(weights.matrices.floats + weights.head)
            }
        return OutputHead(vocabulary: shape.vocabularySize, width: shape.hiddenSize, weight: weight)
    }

    /// A part of the arena that holds numbers in bfloat16.
    func bfloats(_ offset: Int) -> BFloats {
        UnsafeMutableRawPointer(arena.floats + offset).assumingMemoryBound(to: UInt16.self)
    }

    func productScratch(_ member: Int) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(arena.floats + layout.productScratch) + member * BFloat16Product.scratchBytes
    }
}
