/// The numbers that fix a decoder: what differs between families is here as data, not as another model.
package struct ModelShape: Sendable, Hashable {
    package var family = ModelFamily.llama
    package var vocabularySize: Int
    package var hiddenSize: Int
    package var intermediateSize: Int
    package var layerCount: Int
    package var attentionHeadCount: Int
    package var keyValueHeadCount: Int
    package var headSize: Int
    package var rmsNormEpsilon: Float
    package var ropeTheta: Double
    package var ropeScaling: RopeScaling
    package var maxPositions: Int
    package var tiedEmbeddings: Bool

    package var block = BlockDesign()
    /// What attention scores are multiplied by; nil for 1 / sqrt(head size).
    package var attentionScale: Float?
    /// Scores are kept below this by tanh; 0 leaves them.
    package var attentionSoftcap: Float = 0
    /// The same for the logits.
    package var headSoftcap: Float = 0
    /// What a token's embedding is multiplied by.
    package var embeddingScale: Float = 1
    /// Leading dimensions of a head that turn with the position.
    package var rotarySize: Int
    /// The rotation of layers with a window, where it is another one.
    package var windowedRotary: RotaryEmbedding?
    /// By layer: a row sees itself and the `window - 1` rows before it; 0 means all before it. Empty when no layer has a
    /// window.
    package var windows: [Int] = []
    package var layersWithoutRotary: Set<Int> = []

    package init(
        vocabularySize: Int, hiddenSize: Int, intermediateSize: Int, layerCount: Int, attentionHeadCount: Int,
        keyValueHeadCount: Int, headSize: Int, rmsNormEpsilon: Float = 1e-5, ropeTheta: Double = 10000,
        ropeScaling: RopeScaling = .none, maxPositions: Int = 2048, tiedEmbeddings: Bool = true
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
        self.ropeScaling = ropeScaling
        self.maxPositions = maxPositions
        self.tiedEmbeddings = tiedEmbeddings
        rotarySize = headSize
    }

    package var queryWidth: Int { attentionHeadCount * headSize }
    package var keyValueWidth: Int { keyValueHeadCount * headSize }

    package func window(layer: Int) -> Int { layer < windows.count ? windows[layer] : 0 }

    package var rotary: RotaryEmbedding { RotaryEmbedding(theta: ropeTheta, scaling: ropeScaling) }

    /// Radians per position for each turning pair of a head's dimensions, in layers without a window of their own.
    package var rotaryFrequencies: [Float] { rotary.frequencies(rotated: rotarySize) }

    package var parameterCount: Int { tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } }
}
