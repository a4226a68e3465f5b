package import ModelFiles
package import Plan
package import Tensors

extension LlamaModel {
    /// Reads the weights of a folder; what is stored in 16 bits is widened exactly.
    /// - Throws: `ModelFileError`.
    package convenience init(
        folder: ModelFolder, trainable: Trainable, precision: Precision = .fp32, quantization: Quantization? = nil,
        recomputes: Bool = false, team: ThreadTeam, maxBatchTokens: Int
    ) throws {
        try self.init(
            shape: folder.shape, trainable: trainable, precision: precision, quantization: quantization,
            recomputes: recomputes, team: team, maxBatchTokens: maxBatchTokens
        ) { name, _, destination in
            // What was read lies in the model's own memory; the file's pages beside it would count twice.
            if let tensor = folder.quantizedTensor(name) {
                try tensor.expandFinite(into: destination)
                tensor.packed.release()
            } else {
                let tensor = try folder.tensor(name)
                try tensor.expandFinite(into: destination)
                tensor.release()
            }
        }
    }

    /// Gives the adapter's factors the values of a folder that was checked against this model's shape. Modules the folder
    /// brings whole take the place of the base's.
    /// - Throws: `ModelFileError` when the folder adapts other layers than this model.
    package func loadAdapter(from folder: AdapterFolder) throws(ModelFileError) {
        for parameter in adapter?.parameters ?? [] {
            try folder.tensor(parameter.name).expandFinite(into: parameter.values)
        }
        for tensor in weights.tensors {
            guard let saved = folder.savedTensors[tensor.name] else { continue }
            keepBase(of: tensor)
            try tensor.fill { values throws(ModelFileError) in try saved.expandFinite(into: values) }
        }
        adapterChanged()
    }

    /// The trained tensors as they are now, for a file. Valid as long as the model lives.
    package func outgoingTensors(_ elementType: ElementType = .float32) -> [OutgoingTensor] {
        parameters.map {
            OutgoingTensor(name: $0.name, shape: $0.shape, elementType: elementType, values: UnsafePointer($0.values))
        }
    }
}

extension TensorView {
    /// Copies the numbers as floats, exactly.
    /// - Throws: `ModelFileError.notFinite` when one of them is infinite or not a number.
    func expandFinite(into destination: Floats) throws(ModelFileError) {
        withBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            let isRead = expand(start, elementType, count: count, into: destination)
            precondition(isRead, "\(name) was accepted as a weight in \(elementType)")
        }
        guard Kernels.sumOfSquares(count, destination).isFinite else { throw .notFinite(path: path, tensor: name) }
    }
}

extension NF4Tensor {
    /// The numbers as bitsandbytes takes them out: rounded to the format the weight had before.
    func expandFinite(into destination: Floats) throws(ModelFileError) {
        let scales = absmax
        packed.withBytes { bytes in
            guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
            NF4.expand(count: count, block: block, start, values: values, absmax: scales, into: destination)
        }
        if elementType != .float32,
            let bytes = elementType.bytes(of: UnsafeBufferPointer(start: destination, count: count))
        {
            bytes.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                _ = expand(start, elementType, count: count, into: destination)
            }
        }
        guard Kernels.sumOfSquares(count, destination).isFinite else { throw .notFinite(path: path, tensor: name) }
    }

    private var absmax: [Float] {
        switch scales {
        case .plain(let absmax): absmax.floats ?? []
        case .nested(let codes, let absmax, let map, let block, let offset):
            codes.withBytes { codes in
                NF4.expandAbsmax(codes, block: block, map: map, absmax: absmax.floats ?? [], offset: offset)
            }
        }
    }
}
