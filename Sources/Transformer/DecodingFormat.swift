package import Plan

/// How weights are kept while a model is asked and not trained.
package struct DecodingFormat: Sendable, Hashable {
    package let precision: Precision
    /// Of the frozen linear layers; nil where they are kept as they are.
    package let quantization: Quantization?
}

extension RunPlan {
    /// The format the plan's model is asked in: the one it is trained in, as far as this decoder has it. Products in half
    /// precision it takes in 32 bits, and it unpacks 4-bit weights only into bfloat16.
    package var decodingFormat: DecodingFormat {
        let isHalf = training.precision == .bf16
        return DecodingFormat(
            precision: isHalf ? .bf16 : .fp32, quantization: isHalf ? method.quantization : nil)
    }
}
