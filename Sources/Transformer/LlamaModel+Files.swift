package import ModelFiles
package import Plan
package import Tensors

extension LlamaModel {
    /// Reads the weights of a folder; what is stored in 16 bits is widened exactly.
    /// - Throws: `ModelFileError`.
    package convenience init(
        folder: ModelFolder, trainable: Trainable, team: ThreadTeam, maxBatchTokens: Int
    ) throws {
        try self.init(shape: folder.shape, trainable: trainable, team: team, maxBatchTokens: maxBatchTokens) {
            name, _, destination in Self.read(try folder.tensor(name), into: destination)
        }
    }

    /// Gives the adapter's factors the values of a folder that was checked against this model's shape.
    /// - Throws: `ModelFileError` when the folder adapts other layers than this model.
    package func loadAdapter(from folder: AdapterFolder) throws(ModelFileError) {
        for parameter in parameters { Self.read(try folder.tensor(parameter.name), into: parameter.values) }
    }

    /// The trained tensors as they are now, for a file. Valid as long as the model lives.
    package func outgoingTensors(_ elementType: ElementType = .float32) -> [OutgoingTensor] {
        parameters.map {
            OutgoingTensor(name: $0.name, shape: $0.shape, elementType: elementType, values: UnsafePointer($0.values))
        }
    }

    private static func read(_ tensor: TensorView, into destination: Floats) {
        tensor.withBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            let isRead = expand(start, tensor.elementType, count: tensor.count, into: destination)
            precondition(isRead, "\(tensor.name) was accepted as a weight in \(tensor.elementType)")
        }
    }
}
