import Foundation
import ModelFiles

/// Attention that starts as an induction circuit: heads of the first layer look at the token before; heads of the next
/// layers look for where the present token stood earlier and copy what followed it there.
///
/// Every other weight is random, and so are the directions the circuit uses. From weights random throughout, a model this
/// small had not begun to copy from its context after 8 million tokens; with this start it copies within the first 50,000.
///
/// Sources: the circuit, Olsson et al. 2022, "In-context Learning and Induction Heads" (Transformer Circuits); structure
/// in the attention of a start, Trockman and Kolter 2023, "Mimetic Initialization of Self-Attention Layers" (ICML).
struct InductionStart {
    /// Of every embedding's length, the part along one direction all tokens share: it lets a head score a place, not a word.
    private static let sharedPart = 0.5
    /// What a head of the first layer scores its place with, before the division by the root of the head size.
    private static let placeScore = 100.0
    /// Rotary pairs that score places, the fastest: slow ones hardly tell neighbours apart.
    private static let placePairs = 4
    /// What each direction adds to the score of an earlier occurrence, for a normalised token of unit spread.
    private static let searchScore = 2.8
    private static let searchingLayers = 1...2
    /// How much of their random values the circuit's queries and keys keep.
    private static let randomPart = 0.3

    let shape: ModelShape
    /// Standard deviation of the embedding.
    let spread: Double

    private var half: Int { shape.headSize / 2 }
    /// One head of a group carries the circuit; the others share its keys and values and ask what they like.
    private var queriesInGroup: Int { shape.attentionHeadCount / shape.keyValueHeadCount * shape.headSize }

    func lay(into weights: inout [String: Matrix], random: inout CorpusRandom) {
        let channels = shape.headSize * shape.keyValueHeadCount
        let shared = orthonormal(1, beside: nil, &random)[0]
        let read = orthonormal(channels, beside: shared, &random)
        let written = orthonormal(channels, beside: shared, &random)
        weights["model.embed_tokens.weight"]?.share(shared, part: Self.sharedPart, spread: spread)
        layPlaces(into: &weights, shared: shared)
        layValues(read, written, gain: 2 * spread, layer: 0, into: &weights)
        for layer in Self.searchingLayers {
            let copied = orthonormal(channels, beside: shared, &random)
            laySearch(for: read, among: written, layer: layer, into: &weights)
            layValues(copied, copied, gain: spread, layer: layer, into: &weights)
        }
    }

    /// Both rows turn the shared direction into one vector, the query's turned one place back: the rotary embedding then
    /// brings them together where the key stands one place before the query.
    private func layPlaces(into weights: inout [String: Matrix], shared: [Double]) {
        let length = Self.sharedPart * Double(shape.hiddenSize).squareRoot()
        let gain = (Self.placeScore / Double(Self.placePairs)).squareRoot() / length
        for group in 0..<shape.keyValueHeadCount {
            var key = Array(repeating: [Double]?.none, count: shape.headSize), query = key
            for pair in 0..<Self.placePairs {
                let angle = -pow(shape.ropeTheta, -Double(pair) / Double(half))
                key[pair] = shared.map { $0 * gain }
                query[pair] = shared.map { $0 * gain * cos(angle) }
                query[pair + half] = shared.map { $0 * gain * sin(angle) }
            }
            blend(key, projection: "k_proj", layer: 0, from: group * shape.headSize, into: &weights)
            blend(query, projection: "q_proj", layer: 0, from: group * queriesInGroup, into: &weights)
        }
    }

    /// A query is the present token as the first layer read it, a key the token before as the first layer wrote it: alike
    /// where the same token stood. On the slow half of the rotary pairs, which some hundred places hardly turn.
    private func laySearch(
        for read: [[Double]], among written: [[Double]], layer: Int, into weights: inout [String: Matrix]
    ) {
        let gain = Self.searchScore.squareRoot()
        for group in 0..<shape.keyValueHeadCount {
            var key = Array(repeating: [Double]?.none, count: shape.headSize), query = key
            let searched = ((layer - Self.searchingLayers.lowerBound) * shape.keyValueHeadCount + group) * half
            for slow in 0..<half {
                let channel = (half + slow) / 2 + (slow.isMultiple(of: 2) ? 0 : half)
                key[channel] = written[(searched + slow) % written.count].map { $0 * gain }
                query[channel] = read[(searched + slow) % read.count].map { $0 * gain }
            }
            blend(key, projection: "k_proj", layer: layer, from: group * shape.headSize, into: &weights)
            blend(query, projection: "q_proj", layer: layer, from: group * queriesInGroup, into: &weights)
        }
    }

    private func layValues(
        _ read: [[Double]], _ written: [[Double]], gain: Double, layer: Int, into weights: inout [String: Matrix]
    ) {
        for channel in read.indices {
            let (group, within) = channel.quotientAndRemainder(dividingBy: shape.headSize)
            weights[name("v_proj", layer)]?.setRow(channel, to: read[channel])
            weights[name("o_proj", layer)]?.setColumn(
                group * queriesInGroup + within, to: written[channel].map { $0 * gain })
        }
    }

    private func blend(
        _ rows: [[Double]?], projection: String, layer: Int, from start: Int, into weights: inout [String: Matrix]
    ) {
        for (index, row) in rows.enumerated() {
            weights[name(projection, layer)]?.blendRow(start + index, with: row, keeping: Self.randomPart)
        }
    }

    private func name(_ projection: String, _ layer: Int) -> String { "model.layers.\(layer).self_attn.\(projection).weight" }

    /// Random directions at right angles to each other and to `other` (Gram and Schmidt).
    private func orthonormal(_ count: Int, beside other: [Double]?, _ random: inout CorpusRandom) -> [[Double]] {
        var taken = other.map { [$0] } ?? []
        for _ in 0..<count {
            var vector = (0..<shape.hiddenSize).map { _ in random.normal() }
            for direction in taken {
                let along = zip(vector, direction).reduce(0) { $0 + $1.0 * $1.1 }
                for index in vector.indices { vector[index] -= along * direction[index] }
            }
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            taken.append(vector.map { $0 / length })
        }
        return Array(taken.suffix(count))
    }
}
