package import ModelFiles

extension Architecture {
    /// A model that the bundled trainer reads, as other frameworks would train it.
    package init(_ shape: ModelShape, name: String) {
        self.init(
            name: name, layers: shape.layerCount, hidden: shape.hiddenSize, inner: shape.intermediateSize,
            heads: shape.attentionHeadCount, keyValueHeads: shape.keyValueHeadCount, headSize: shape.headSize,
            vocabulary: shape.vocabularySize, isTied: shape.tiedEmbeddings, origin: name)
    }

    /// As the bundled trainer would lay it out; nil for what it cannot train.
    package func shape(context: Int) -> ModelShape? {
        guard kind == .dense, isGated else { return nil }
        var shape = nearestShape
        shape.maxPositions = context
        return shape
    }

    /// A gated dense decoder of these sizes, whatever the family.
    package var nearestShape: ModelShape {
        ModelShape(
            vocabularySize: vocabulary, hiddenSize: hidden, intermediateSize: inner, layerCount: layers,
            attentionHeadCount: heads, keyValueHeadCount: keyValueHeads, headSize: headSize, tiedEmbeddings: isTied)
    }
}
