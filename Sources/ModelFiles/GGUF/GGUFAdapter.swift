package import FileStore
package import Plan

/// A LoRA adapter in a GGUF file, as llama.cpp puts it on a model of the same architecture.
package struct GGUFAdapter: Sendable {
    package let path: String
    package let settings: LoRASettings
    private let file: GGUFFile
    private let layout: GGUFLayout

    /// Reads the adapter and checks it against the model it is to be put on.
    package init(path: String, shape: ModelShape) throws(ModelFileError) {
        let file = try GGUFFile(path: path)
        let layout = GGUFLayout(shape: shape)
        let type = try file.required("general.type") { $0.textValue }
        guard type == "adapter" else {
            throw .unsupported(path: path, key: "general.type", found: type, supported: ["adapter"])
        }
        let architecture = try file.required("general.architecture") { $0.textValue }
        guard architecture == layout.architecture else {
            throw .unsupported(
                path: path, key: "general.architecture", found: architecture, supported: [layout.architecture])
        }
        let alpha = try file.required("adapter.lora.alpha") { $0.doubleValue }
        var rest = Set(file.tensors.keys), ranks: [String: Int] = [:], modules: Set<String> = []
        for layer in 0..<shape.layerCount {
            for linear in shape.linears {
                let name = layout.name(ofLinear: linear.path, layer: layer) + ".weight"
                guard let a = file.tensors[name + ".lora_a"] else { continue }
                let rank = a.shape[0]
                _ = try file.tensor(name + ".lora_a", shape: [rank, linear.inputs])
                _ = try file.tensor(name + ".lora_b", shape: [linear.outputs, rank])
                rest.subtract([name + ".lora_a", name + ".lora_b"])
                ranks["model.layers.\(layer).\(linear.path)"] = rank
                modules.insert(linear.module)
            }
        }
        guard rest.isEmpty else { throw .unexpectedTensors(path: path, rest.sorted()) }
        guard let rank = ranks.values.max() else { throw .adapterChangesNothing(path: path) }
        var settings = LoRASettings(
            rank: rank, alpha: alpha, targetModules: shape.linears.map(\.module).filter(modules.contains))
        for layer in 0..<shape.layerCount {
            for linear in shape.linears where modules.contains(linear.module) {
                let module = "model.layers.\(layer).\(linear.path)"
                guard let own = ranks[module] else { throw .missingTensor(path: path, tensor: module + ".lora_a") }
                if own != rank { settings.rankPattern[module] = own }
            }
        }
        (self.path, self.settings, self.file, self.layout) = (path, settings, file, layout)
    }

    /// `name` as PEFT has it: `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight`.
    package func read(_ name: String, into values: UnsafeMutablePointer<Float>) throws(ModelFileError) {
        let parts = name.split(separator: ".")
        guard parts.count > 7, let layer = Int(parts[4]) else { throw .missingTensor(path: path, tensor: name) }
        let linear = parts[5...6].joined(separator: "."), isFirst = parts[7] == "lora_A"
        let stored = layout.name(ofLinear: linear, layer: layer) + ".weight." + (isFirst ? "lora_a" : "lora_b")
        guard let tensor = file.tensors[stored] else { throw .missingTensor(path: path, tensor: stored) }
        tensor.expand(into: values)
        if !isFirst, let heads = layout.permutedHeads(inside: name) {
            GGUFLayout.permute(values, rows: tensor.shape[0], width: tensor.shape[1], heads: heads, isInverse: true)
        }
    }

    /// Writes a PEFT adapter in llama.cpp's form.
    ///
    /// llama.cpp multiplies by alpha / rank. Where an adapter scales otherwise (rsLoRA, an alpha of one layer), the
    /// difference goes into its B factors. DoRA and modules that were trained whole have no form here.
    @discardableResult
    package static func write(
        _ adapter: AdapterFolder, shape: ModelShape, to path: String, type: GGUFType = .float16, name: String,
        baseModel: String?, store: FileStore = FileStore()
    ) throws(ModelFileError) -> Fingerprint {
        let settings = adapter.settings, layout = GGUFLayout(shape: shape)
        let config = adapter.path + "/" + AdapterFolder.configName
        func refuse(_ setting: String, _ found: String, _ expected: String) -> ModelFileError {
            .notInGGUF(path: config, setting: setting, found: found, expected: expected)
        }
        if settings.useDoRA { throw refuse("use_dora", "true", "false; merge the adapter and write the model") }
        if !settings.modulesToSave.isEmpty {
            throw refuse(
                "modules_to_save", settings.modulesToSave.joined(separator: ", "),
                "none; merge the adapter and write the model")
        }
        var metadata: [(String, GGUFValue)] = [
            ("general.architecture", .text(layout.architecture)), ("general.type", .text("adapter")),
            ("adapter.type", .text("lora")), ("general.name", .text(name)),
            ("adapter.lora.alpha", .float32(Float(settings.alpha))), ("general.file_type", .uint32(type.fileType)),
        ]
        if let baseModel {
            metadata += [("general.base_model.count", .uint32(1)), ("general.base_model.0.name", .text(baseModel))]
        }
        var items: [GGUFWriter.Item] = []
        for layer in 0..<shape.layerCount {
            for linear in shape.adapted(by: settings) {
                let module = "model.layers.\(layer).\(linear.path)", rank = settings.rank(of: module)
                let stored = layout.name(ofLinear: linear.path, layer: layer) + ".weight"
                let first = try adapter.tensor("base_model.model.\(module).lora_A.weight")
                let second = try adapter.tensor("base_model.model.\(module).lora_B.weight")
                let correction = Float(settings.scaling(of: module) * Double(rank) / settings.alpha)
                let heads = layout.permutedHeads(inside: module + ".")
                items.append(
                    GGUFWriter.Item(name: stored + ".lora_a", type: type, shape: [rank, linear.inputs]) { values in
                        for (place, value) in (first.floats ?? []).enumerated() { values[place] = value }
                    })
                items.append(
                    GGUFWriter.Item(name: stored + ".lora_b", type: type, shape: [linear.outputs, rank]) { values in
                        for (place, value) in (second.floats ?? []).enumerated() { values[place] = value * correction }
                        if let heads { GGUFLayout.permute(values, rows: linear.outputs, width: rank, heads: heads) }
                    })
            }
        }
        return try GGUFWriter(store: store).write(items, metadata: metadata, to: path)
    }
}
