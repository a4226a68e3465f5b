package import ModelFiles
package import Plan

/// How many numbers a model and an adapter on it consist of.
package struct ParameterCounts: Sendable, Hashable {
    /// All weights; a tied head counts once.
    package let base: Int
    /// Those of all matrices; norms and biases are the rest.
    package let matrices: Int
    /// Weights of the linear layers of all blocks: what a token is multiplied with, head excepted.
    package let blocks: Int
    /// Low-rank factors of the adapter, and lengths of rows with DoRA; 0 without one.
    package let adapter: Int
    /// Weights of the base that are trained whole beside the adapter.
    package let saved: Int

    package init(shape: ModelShape, lora: LoRASettings?) {
        blocks = shape.linears.reduce(0) { $0 + $1.inputs * $1.outputs } * shape.layerCount
        base = shape.parameterCount
        matrices = shape.tensors.filter { $0.shape.count > 1 }.reduce(0) { $0 + $1.shape.reduce(1, *) }
        adapter =
            lora.map { lora in
                shape.adapted(by: lora).reduce(0) {
                    $0 + lora.rank * ($1.inputs + $1.outputs) + (lora.useDoRA ? $1.outputs : 0)
                } * shape.layerCount
            } ?? 0
        saved = lora.map { shape.tensorsSaved(by: $0).reduce(0) { $0 + $1.shape.reduce(1, *) } } ?? 0
    }

    /// Numbers that go into and come out of the linear layers of one block, for one token; layers that share their input
    /// read it once.
    static func numbersPerToken(_ shape: ModelShape) -> Double {
        let query = shape.attentionHeadCount * shape.headSize, keyValue = shape.keyValueHeadCount * shape.headSize
        return Double(4 * shape.hiddenSize + 2 * query + 2 * keyValue + 3 * shape.intermediateSize)
    }
}
