import Foundation
import ModelFiles
import Plan
import Tensors

/// Cosines and sines of the rotary position embedding for every position, [maximum position, headSize / 2] each.
struct RotaryTables {
    let cosines: Buffer
    let sines: Buffer

    /// Angles as Hugging Face computes them: inverse frequencies rounded to float32 before they meet the position.
    init(shape: ModelShape) {
        let half = shape.headSize / 2
        cosines = Buffer(.float32, count: shape.maxPositions * half)
        sines = Buffer(.float32, count: shape.maxPositions * half)
        for (i, frequency) in shape.rotaryFrequencies.enumerated() {
            for position in 0..<shape.maxPositions {
                let angle = Float(position) * frequency
                cosines.floats[position * half + i] = cos(angle)
                sines.floats[position * half + i] = sin(angle)
            }
        }
    }
}
