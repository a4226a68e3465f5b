/// The numbers that fix a Llama decoder.
package struct ModelShape: Sendable, Hashable {
    package var vocabularySize: Int
    package var hiddenSize: Int
    package var intermediateSize: Int
    package var layerCount: Int
    package var attentionHeadCount: Int
    package var keyValueHeadCount: Int
    package var headSize: Int
    package var rmsNormEpsilon: Float
    package var ropeTheta: Double
    package var maxPositions: Int
    package var tiedEmbeddings: Bool

    package init(
        vocabularySize: Int, hiddenSize: Int, intermediateSize: Int, layerCount: Int, attentionHeadCount: Int,
        keyValueHeadCount: Int, headSize: Int, rmsNormEpsilon: Float = 1e-5, ropeTheta: Double = 10000,
        maxPositions: Int = 2048, tiedEmbeddings: Bool = true
    ) {
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.intermediateSize = intermediateSize
        self.layerCount = layerCount
        self.attentionHeadCount = attentionHeadCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headSize = headSize
        self.rmsNormEpsilon = rmsNormEpsilon
        self.ropeTheta = ropeTheta
        self.maxPositions = maxPositions
        self.tiedEmbeddings = tiedEmbeddings
    }
}
