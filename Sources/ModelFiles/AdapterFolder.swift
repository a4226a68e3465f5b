package import FileStore
internal import JSONText
package import Plan

/// A LoRA adapter folder in PEFT's format (`adapter_config.json`, `adapter_model.safetensors`).
package struct AdapterFolder: Sendable {
    package let path: String
    package let settings: LoRASettings
    /// What the adapter was trained on, as its config says.
    package let baseModel: String?
    /// The fingerprint of the base it was trained on, where the adapter was written by hone.
    package let baseFingerprint: String?
    /// Tensors of the base that the adapter brings whole, by their names in the base.
    package let savedTensors: [String: TensorView]
    private let file: SafetensorsFile

    /// Reads and checks the adapter against the model it is to be put on: every declared layer has both factors with the
    /// right shapes, and nothing is left over.
    package init(path: String, shape: ModelShape, store: FileStore = FileStore()) throws(ModelFileError) {
        self.path = path
        for name in [Self.configName, Self.weightsName] where !store.isFile(path + "/" + name) {
            throw .notAModelFolder(path: path, missing: [name])
        }
        let configPath = path + "/" + Self.configName
        let json = try ModelConfig.json(at: configPath, store: store)
        settings = try LoRASettings(json, path: configPath, shape: shape)
        baseModel = json["base_model_name_or_path"]?.stringValue
        file = try SafetensorsFile(path: path + "/" + Self.weightsName)
        baseFingerprint = file.metadata[Self.baseKey]
        var rest = Set(file.tensors.keys)
        var saved: [String: TensorView] = [:]
        for expected in Self.tensors(of: settings, on: shape) {
            let tensor = try file.tensor(expected.name, shape: expected.shape)
            guard ElementType.weights.contains(tensor.elementType) else {
                throw .wrongType(
                    path: file.path, tensor: expected.name, found: tensor.elementType, expected: ElementType.weights)
            }
            rest.remove(expected.name)
            let name = String(expected.name.dropFirst(Self.prefix.count))
            if !name.contains(".lora_") { saved[name] = tensor }
        }
        savedTensors = saved
        guard rest.isEmpty else { throw .unexpectedTensors(path: file.path, rest.sorted()) }
    }

    /// What PEFT puts before the name of every tensor.
    package static let tensorPrefix = prefix
    package static let configName = "adapter_config.json"
    package static let weightsName = "adapter_model.safetensors"
    private static let baseKey = "base_fingerprint"
    private static let prefix = "base_model.model."

    /// What a weight file says about itself: the fingerprint of the base, so that another base is noticed.
    package static func metadata(base fingerprint: String?) -> [String: String] {
        var metadata = ["format": "pt"]
        metadata[baseKey] = fingerprint
        return metadata
    }

    /// `name` as in the file: `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight`.
    package func tensor(_ name: String) throws(ModelFileError) -> TensorView { try file.tensor(name) }

    package func fingerprint(store: FileStore = FileStore()) throws(ModelFileError) -> Fingerprint {
        do { return try store.fingerprint(ofFile: file.path) } catch { throw .file(error) }
    }

    /// Every tensor such an adapter has, in module order: A `[rank, inputs]`, then B `[outputs, rank]`, with DoRA the
    /// length of every row; modules it brings whole come last.
    package static func tensors(of settings: LoRASettings, on shape: ModelShape) -> [ModelShape.Tensor] {
        let adapted = (0..<shape.layerCount).flatMap { layer in
            shape.adapted(by: settings).flatMap { linear in
                let module = "model.layers.\(layer).\(linear.path)", path = prefix + module + "."
                let rank = settings.rank(of: module)
                var tensors = [
                    ModelShape.Tensor(name: path + "lora_A.weight", shape: [rank, linear.inputs]),
                    ModelShape.Tensor(name: path + "lora_B.weight", shape: [linear.outputs, rank]),
                ]
                if settings.useDoRA {
                    tensors.append(ModelShape.Tensor(name: path + "lora_magnitude_vector", shape: [linear.outputs]))
                }
                return tensors
            }
        }
        return adapted
            + shape.tensorsSaved(by: settings).map { ModelShape.Tensor(name: prefix + $0.name, shape: $0.shape) }
    }

    /// Throws when the adapter is known to belong to other weights than these, or leaves the model as it is.
    package func require(base: ModelFolder, store: FileStore = FileStore()) throws(ModelFileError) {
        if let baseFingerprint {
            let found = try base.fingerprint(store: store).hex
            guard found == baseFingerprint else { throw .otherBase(path: path, base: base.path, trainedOn: baseModel) }
        }
        let second = file.tensors.values.filter { $0.name.hasSuffix("lora_B.weight") }
        if second.contains(where: { !$0.isZero }) { return }
        for (name, tensor) in savedTensors {
            // A quantised base keeps no module whole that an adapter may bring.
            guard let own = try? base.tensor(name).floats, own == tensor.floats else { return }
        }
        guard try !changesLengths(of: base) else { return }
        throw .adapterChangesNothing(path: path)
    }

    /// Whether a DoRA adapter gives the rows of some matrix other lengths than they have.
    private func changesLengths(of base: ModelFolder) throws(ModelFileError) -> Bool {
        let suffix = ".lora_magnitude_vector"
        for (name, tensor) in file.tensors where name.hasSuffix(suffix) {
            let weight = String(name.dropFirst(Self.prefix.count).dropLast(suffix.count)) + ".weight"
            // The lengths of quantised rows would have to be computed; whoever trained on them has changed them.
            guard base.quantizedTensor(weight) == nil else { return true }
            guard let lengths = tensor.floats, let rows = try base.tensor(weight).floats, !lengths.isEmpty else {
                continue
            }
            let width = rows.count / lengths.count
            for (row, length) in lengths.enumerated() {
                let numbers = rows[row * width..<(row + 1) * width]
                let own = Float(numbers.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
                if abs(length - own) > 1e-4 * max(own, length) { return true }
            }
        }
        return false
    }

    /// Writes an adapter that every PEFT since 0.7 loads, as far as it knows the kind of adapter.
    ///
    /// - Parameters:
    ///   - baseModel: Written into the config, where PEFT and vLLM look for the base.
    ///   - fingerprint: Of the base; kept in the weight file, so that another base is noticed.
    /// - Returns: The fingerprint of the weights.
    @discardableResult
    package static func write(
        to path: String, settings: LoRASettings, baseModel: String, fingerprint: String? = nil,
        weights: [OutgoingTensor], store: FileStore = FileStore()
    ) throws(ModelFileError) -> Fingerprint {
        do throws(FileStoreError) {
            try store.createFolder(path)
            try store.write(settings.peftConfig(baseModel: baseModel).text(.pretty) + "\n", to: path + "/" + configName)
        } catch {
            throw .file(error)
        }
        return try SafetensorsWriter(store: store)
            .write(weights, metadata: metadata(base: fingerprint), to: path + "/" + weightsName)
    }
}
