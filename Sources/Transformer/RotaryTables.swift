import Foundation
import ModelFiles
import Plan
import Tensors

/// Cosines and sines of the rotary position embedding, for as many positions as were needed so far.
final class RotaryTables {
    /// One way of turning: [positions, rotated / 2] each.
    struct Table {
        let cosines: Buffer
        let sines: Buffer

        /// Angles as Hugging Face computes them: inverse frequencies rounded to float32 before they meet the position.
        fileprivate init(_ frequencies: [Float], factor: Float, positions: Int) {
            let half = frequencies.count
            cosines = Buffer(.float32, count: positions * half)
            sines = Buffer(.float32, count: positions * half)
            for (i, frequency) in frequencies.enumerated() {
                for position in 0..<positions {
                    let angle = Float(position) * frequency
                    cosines.floats[position * half + i] = cos(angle) * factor
                    sines.floats[position * half + i] = sin(angle) * factor
                }
            }
        }
    }

    /// The ways a model turns: by default, in rows that reach beyond the original positions, in layers with a window.
    private enum Kind: Int, CaseIterable { case usual, long, windowed }

    private let shape: ModelShape
    private let shortPositions: Int?
    private var tables: [Table?] = Kind.allCases.map { _ in nil }
    private var positions = 0
    private var isLong = false

    init(shape: ModelShape) {
        self.shape = shape
        shortPositions = shape.rotary.shortPositions
    }

    /// Makes the tables reach `count` positions; a pass with that many turns by the frequencies meant for it.
    func prepare(positions count: Int) {
        isLong = count > shortPositions ?? .max
        guard count > positions else { return }
        positions = min(shape.maxPositions, max(1024, count, 2 * positions))
        tables = Kind.allCases.map(table)
    }

    /// The table of a layer; nil where nothing turns.
    func table(layer: Int) -> Table? {
        if shape.layersWithoutRotary.contains(layer) { return nil }
        if shape.windowedRotary != nil, shape.window(layer: layer) > 0 { return tables[Kind.windowed.rawValue] }
        return tables[(isLong ? Kind.long : .usual).rawValue]
    }

    private func table(_ kind: Kind) -> Table? {
        let rotary: RotaryEmbedding?
        switch kind {
        case .usual: rotary = shape.rotary
        case .long: rotary = shortPositions == nil ? nil : shape.rotary
        case .windowed: rotary = shape.windowedRotary
        }
        return rotary.map { rotary in
            Table(
                rotary.frequencies(rotated: shape.rotarySize, isLong: kind == .long), factor: rotary.attentionFactor,
                positions: positions)
        }
    }
}
