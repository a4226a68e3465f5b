package import FileStore
internal import JSONText
package import Plan

/// A model folder in Hugging Face layout, with every tensor it needs, in one file or in shards.
package struct ModelFolder: Sendable {
    package let path: String
    package let config: ModelConfig
    /// Tensors in the files that the model has no use for, e.g. a head beside tied embeddings.
    package let unusedTensors: [String]
    private let files: [SafetensorsFile]
    private let tensors: [String: TensorView]
    /// Weights that were stored in NF4, by name.
    private let quantized: [String: NF4Tensor]

    package var shape: ModelShape { config.shape }

    /// Maps the weights and checks names, shapes and number formats; the numbers themselves are read when they are used.
    package init(path: String, store: FileStore = FileStore()) throws(ModelFileError) {
        self.path = path
        guard store.isFile(path + "/config.json") else {
            throw .notAModelFolder(path: path, missing: ["config.json"])
        }
        config = try ModelConfig(path: path + "/config.json", store: store)
        var files: [SafetensorsFile] = []
        for name in try Self.weightFiles(path, store) {
            guard store.isFile(path + "/" + name) else { throw .missingShard(path: path, shard: name) }
            files.append(try SafetensorsFile(path: path + "/" + name))
        }
        self.files = files
        var stored: [String: TensorView] = [:]
        for file in files {
            if let twice = file.tensors.keys.filter({ stored[$0] != nil }).min() {
                throw .damaged(path: file.path, .duplicateTensor(twice))
            }
            stored.merge(file.tensors) { first, _ in first }
        }
        if config.isTextPart { stored = Self.languageModel(of: stored) }
        var used: [String: TensorView] = [:], quantized: [String: NF4Tensor] = [:]
        for expected in config.shape.tensors {
            if config.isQuantized, let tensor = try NF4Tensor(expected, from: &stored) {
                quantized[expected.name] = tensor
                continue
            }
            guard let tensor = stored.removeValue(forKey: expected.name) else {
                throw .missingTensor(path: files.count == 1 ? files[0].path : path, tensor: expected.name)
            }
            guard tensor.shape == expected.shape else {
                throw .wrongShape(
                    path: tensor.path, tensor: expected.name, found: tensor.shape, expected: expected.shape)
            }
            guard ElementType.weights.contains(tensor.elementType) else {
                throw .wrongType(
                    path: tensor.path, tensor: expected.name, found: tensor.elementType, expected: ElementType.weights)
            }
            used[expected.name] = tensor
        }
        tensors = used
        self.quantized = quantized
        unusedTensors = stored.keys.sorted()
    }

    package func tensor(_ name: String) throws(ModelFileError) -> TensorView {
        guard let tensor = tensors[name] else { throw .missingTensor(path: path, tensor: name) }
        return tensor
    }

    /// The weight, where it was stored in NF4.
    package func quantizedTensor(_ name: String) -> NF4Tensor? { quantized[name] }

    /// Bytes of the weights as they are stored.
    package var storedBytes: ByteCount { ByteCount(files.reduce(0) { $0 + $1.dataByteCount }) }

    /// Which tokens end an answer: `generation_config.json` where it says so, else the config.
    package func stopIDs(store: FileStore = FileStore()) throws(ModelFileError) -> [Int] {
        let generation = path + "/generation_config.json"
        guard store.isFile(generation) else { return config.eosIDs }
        let ids = ModelConfig.ids(try ModelConfig.json(at: generation, store: store)["eos_token_id"])
        return ids.isEmpty ? config.eosIDs : ids
    }

    /// Of the configuration and the content of every weight file; reads all of them.
    package func fingerprint(store: FileStore = FileStore()) throws(ModelFileError) -> Fingerprint {
        var builder = FingerprintBuilder()
        builder.add(config.json.text(.canonical))
        do {
            for file in files { builder.add(try store.fingerprint(ofFile: file.path).hex) }
        } catch {
            throw .file(error)
        }
        return builder.fingerprint
    }

    /// Tensors of a model that reads images, those of its language model under the names they have on their own: as
    /// transformers 4 and as transformers 5 nests them.
    private static func languageModel(of stored: [String: TensorView]) -> [String: TensorView] {
        let nests = [
            ("language_model.model.", "model."), ("language_model.lm_head.", "lm_head."),
            ("model.language_model.", "model."),
        ]
        var named: [String: TensorView] = [:]
        for (name, tensor) in stored {
            let nest = nests.first { name.hasPrefix($0.0) }
            named[nest.map { $0.1 + name.dropFirst($0.0.count) } ?? name] = tensor
        }
        return named
    }

    package static let weightsName = "model.safetensors"

    /// `model.safetensors`, or the shards its index names.
    private static func weightFiles(_ path: String, _ store: FileStore) throws(ModelFileError) -> [String] {
        let single = weightsName, index = "model.safetensors.index.json"
        if store.isFile(path + "/" + single) { return [single] }
        guard store.isFile(path + "/" + index) else {
            throw .notAModelFolder(path: path, missing: [single, index])
        }
        let json = try ModelConfig.json(at: path + "/" + index, store: store)
        guard let map = json["weight_map"]?.objectValue else {
            throw .missingKey(path: path + "/" + index, key: "weight_map")
        }
        var shards: Set<String> = []
        for member in map {
            // A shard lies in the folder itself: an index must not lead anywhere else.
            guard let shard = member.value.stringValue, !shard.contains("/"), shard.hasSuffix(".safetensors") else {
                throw .wrongValue(
                    path: path + "/" + index, key: member.key, found: member.value.text(),
                    expected: "the name of a .safetensors file in the folder")
            }
            shards.insert(shard)
        }
        return shards.sorted()
    }
}

extension ElementType {
    /// The formats in which weights of a model may be stored.
    static let weights: [ElementType] = [.float32, .bfloat16, .float16]
}

extension TensorView {
    package var path: String { file.path }
}
