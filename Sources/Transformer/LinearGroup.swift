internal import ModelFiles

/// The four products of a block; layers that read the same input are fused into one.
enum LinearGroup: Int, CaseIterable, Sendable {
    case queryKeyValue, output, gateUp, down

    /// The linear layers in the order of their rows in the fused weight.
    func linears(_ shape: ModelShape) -> [ModelShape.Linear] {
        let all = shape.linears, reading = shape.block.fusesProjections ? 1 : 3
        return switch self {
        case .queryKeyValue: Array(all[..<reading])
        case .output: [all[reading]]
        case .gateUp: Array(all[(reading + 1)..<(all.count - 1)])
        case .down: [all[all.count - 1]]
        }
    }

    func outputs(_ shape: ModelShape) -> Int {
        switch self {
        case .queryKeyValue: shape.queryWidth + 2 * shape.keyValueWidth
        case .output, .down: shape.hiddenSize
        case .gateUp: 2 * shape.intermediateSize
        }
    }

    func inputs(_ shape: ModelShape) -> Int {
        switch self {
        case .queryKeyValue, .gateUp: shape.hiddenSize
        case .output: shape.queryWidth
        case .down: shape.intermediateSize
        }
    }

    func hasBias(_ shape: ModelShape) -> Bool {
        switch self {
        case .queryKeyValue: shape.block.queryKeyValueBias
        case .output: shape.block.outputBias
        case .gateUp, .down: shape.block.mlpBias
        }
    }
}
