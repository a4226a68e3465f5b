package import ModelFiles
package import ModelFiles
package import Plan

/// How many numbers a model and an adapter on it consist of.
package struct ParameterCounts: Sendable, Hashable {
    /// All weights; a tied head counts once.
    package let base: Int
    /// Weights of the linear layers of all blocks: what a token is multiplied with, head excepted.
    package let blocks: Int
    /// Weights of the adapter; 0 without one.
    package let adapter: Int

    package init(shape: ModelShape, lora: LoRASettings?) {
        let layers = ParameterCounts.layers(shape)
        let perBlock = layers.reduce(0) { $0 + $1.inputs * $1.outputs }
        let width = shape.hiddenSize
        let embedding = shape.vocabularySize * width
        blocks = perBlock * shape.layerCount
        base = blocks + shape.layerCount * 2 * width + width + embedding * (shape.tiedEmbeddings ? 1 : 2)
        adapter = lora.map { lora in
            let perBlock = layers.filter { lora.targetModules.contains($0.name) }
                .reduce(0) { $0 + lora.rank * ($1.inputs + $1.outputs) }
            return perBlock * shape.layerCount
        } ?? 0
    }

    private static func layers(_ shape: ModelShape) -> [(name: String, inputs: Int, outputs: Int)] {
        let width = shape.hiddenSize, inner = shape.intermediateSize
        let query = shape.attentionHeadCount * shape.headSize, keyValue = shape.keyValueHeadCount * shape.headSize
        return [
            ("q_proj", width, query), ("k_proj", width, keyValue), ("v_proj", width, keyValue), ("o_proj", query, width),
            ("gate_proj", width, inner), ("up_proj", width, inner), ("down_proj", inner, width),
        ]
    }
}
