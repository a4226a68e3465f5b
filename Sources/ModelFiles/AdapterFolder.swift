package import FileStore
internal import JSONText
package import Plan

/// A LoRA adapter folder in PEFT's format (`adapter_config.json`, `adapter_model.safetensors`).
package struct AdapterFolder: Sendable {
    package let path: String
    package let settings: LoRASettings
    /// What the adapter was trained on, as its config says.
    package let baseModel: String?
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
        var rest = Set(file.tensors.keys)
        for expected in Self.tensors(of: settings, on: shape) {
            let tensor = try file.tensor(expected.name, shape: expected.shape)
            guard ElementType.weights.contains(tensor.elementType) else {
                throw .wrongType(
                    path: file.path, tensor: expected.name, found: tensor.elementType, expected: ElementType.weights)
            }
            rest.remove(expected.name)
        }
        guard rest.isEmpty else { throw .unexpectedTensors(path: file.path, rest.sorted()) }
    }

    package static let configName = "adapter_config.json"
    package static let weightsName = "adapter_model.safetensors"

    /// `name` as in the file: `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight`.
    package func tensor(_ name: String) throws(ModelFileError) -> TensorView { try file.tensor(name) }

    package func fingerprint(store: FileStore = FileStore()) throws(ModelFileError) -> Fingerprint {
        do { return try store.fingerprint(ofFile: file.path) } catch { throw .file(error) }
    }

    /// Every tensor such an adapter has, in module order: A `[rank, inputs]`, then B `[outputs, rank]`.
    package static func tensors(of settings: LoRASettings, on shape: ModelShape) -> [ModelShape.Tensor] {
        (0..<shape.layerCount).flatMap { layer in
            shape.adapted(by: settings).flatMap { linear in
                let path = "base_model.model.model.layers.\(layer).\(linear.path)."
                return [
                    ModelShape.Tensor(name: path + "lora_A.weight", shape: [settings.rank, linear.inputs]),
                    ModelShape.Tensor(name: path + "lora_B.weight", shape: [linear.outputs, settings.rank]),
                ]
            }
        }
    }

    /// Writes an adapter that every PEFT since 0.7 loads.
    ///
    /// - Parameter baseModel: Written into the config, where PEFT and vLLM look for the base.
    /// - Returns: The fingerprint of the weights.
    @discardableResult
    package static func write(
        to path: String, settings: LoRASettings, baseModel: String, weights: [OutgoingTensor],
        store: FileStore = FileStore()
    ) throws(ModelFileError) -> Fingerprint {
        do throws(FileStoreError) {
            try store.createFolder(path)
            try store.write(settings.peftConfig(baseModel: baseModel).text(.pretty) + "\n", to: path + "/" + configName)
        } catch {
            throw .file(error)
        }
        return try SafetensorsWriter(store: store).write(weights, to: path + "/" + weightsName)
    }
}
