package import FileStore

/// A model in a GGUF file: weights, shape and tokenizer in one.
///
/// Tensors go by Hugging Face's names and come in Hugging Face's order of rows, so that the rest of hone need not know where
/// they were kept.
package struct GGUFModel: Sendable {
    package let file: GGUFFile
    package let shape: ModelShape
    package let tokenizer: GGUFTokenizer
    private let places: [String: (place: GGUFLayout.Place, shape: [Int])]

    package var path: String { file.path }
    package var name: String? { file.metadata["general.name"]?.textValue }

    /// Checks that every tensor of the shape is there; the numbers are read when they are used.
    package init(path: String) throws(ModelFileError) {
        let file = try GGUFFile(path: path)
        if file.metadata["general.type"]?.textValue == "adapter" {
            throw .unsupported(path: path, key: "general.type", found: "adapter", supported: ["model"])
        }
        let shape = try ModelShape(file)
        var places: [String: (GGUFLayout.Place, [Int])] = [:]
        for (tensor, place) in GGUFLayout(shape: shape).places {
            _ = try file.tensor(place.name, shape: tensor.shape)
            places[tensor.name] = (place, tensor.shape)
        }
        tokenizer = try GGUFTokenizer(file)
        (self.file, self.shape, self.places) = (file, shape, places)
    }

    /// The numbers of a tensor, by Hugging Face's name and in its order of rows.
    package func read(_ name: String, into values: UnsafeMutablePointer<Float>) throws(ModelFileError) {
        let (place, tensor) = try stored(name)
        tensor.expand(into: values)
        if let heads = place.permutedHeads {
            GGUFLayout.permute(
                values, rows: tensor.shape[0], width: tensor.count / tensor.shape[0], heads: heads, isInverse: true)
        }
        if place.addsOne { for index in 0..<tensor.count { values[index] -= 1 } }
    }

    /// The numbers as the file has them: what a file with the rows in the wrong order gives away.
    package func readUnpermuted(_ name: String, into values: UnsafeMutablePointer<Float>) throws(ModelFileError) {
        let (place, tensor) = try stored(name)
        tensor.expand(into: values)
        if place.addsOne { for index in 0..<tensor.count { values[index] -= 1 } }
    }

    /// Whether the rows of the tensor change places in this format.
    package func isPermuted(_ name: String) -> Bool { places[name]?.place.permutedHeads != nil }

    package func type(of name: String) throws(ModelFileError) -> GGUFType { try stored(name).tensor.type }

    private func stored(_ name: String) throws(ModelFileError) -> (place: GGUFLayout.Place, tensor: GGUFTensor) {
        guard let (place, shape) = places[name] else { throw .missingTensor(path: path, tensor: name) }
        return (place, try file.tensor(place.name, shape: shape))
    }

    package func fingerprint(store: FileStore = FileStore()) throws(ModelFileError) -> Fingerprint {
        do { return try store.fingerprint(ofFile: path) } catch { throw .file(error) }
    }
}

extension GGUFModel {
    /// What stands in the head of a file beside shape and tokenizer.
    package struct Heading: Sendable, Hashable {
        package var name: String
        package var license: String?
        package var baseModel: String?
        package var languages: [String] = []

        package init(name: String) { self.name = name }

        /// llama.cpp goes by the name: where it holds "phi-3", spaces behind special tokens are swallowed, as Phi-3 wants it,
        /// and a file without these tokens is not loaded at all.
        func name(for family: ModelFamily, _ tokenizer: GGUFTokenizer) -> String {
            let texts = Set(tokenizer.tokens.map { Array($0.text.utf8) })
            let isPhi = ["</s>", "<unk>", "<s>", "<|endoftext|>"].allSatisfy { texts.contains(Array($0.utf8)) }
            let saysPhi = name.lowercased().contains(#/phi-?3/#)
            if family == .phi3, isPhi { return saysPhi ? name : "Phi-3 " + name }
            return isPhi || !saysPhi ? name : name.replacing(#/(?i)(phi)-?3/#) { "\($0.1) 3" }
        }
    }

    /// Writes a model as one GGUF file. Vectors stay in float32; of a quantised file, a matrix whose rows do not fill blocks
    /// is kept in float16, and with 4 bits the embedding and the head get 8, as they suffer most.
    ///
    /// - Parameters:
    ///   - tensors: All tensors of the shape, by Hugging Face's names.
    ///   - configPath: Named in errors as the place of a setting that the format cannot express.
    @discardableResult
    package static func write(
        to path: String, shape: ModelShape, tensors: [OutgoingTensor], type: GGUFType, tokenizer: GGUFTokenizer,
        heading: Heading, configPath: String, store: FileStore = FileStore()
    ) throws(ModelFileError) -> Fingerprint {
        let layout = GGUFLayout(shape: shape)
        var metadata: [(String, GGUFValue)] = [
            ("general.architecture", .text(layout.architecture)), ("general.type", .text("model")),
            ("general.name", .text(heading.name(for: shape.family, tokenizer))),
        ]
        if let license = heading.license { metadata.append(("general.license", .text(license))) }
        if let base = heading.baseModel {
            metadata += [("general.base_model.count", .uint32(1)), ("general.base_model.0.name", .text(base))]
        }
        if !heading.languages.isEmpty { metadata.append(("general.languages", .texts(heading.languages))) }
        metadata += [("general.file_type", .uint32(type.fileType)), ("general.quantization_version", .uint32(2))]
        metadata += try shape.ggufMetadata(path: configPath).map { (layout.architecture + "." + $0.0, $0.1) }
        metadata += try tokenizer.padded(to: shape.vocabularySize, path: configPath).metadata

        let sources = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
        var items: [GGUFWriter.Item] = []
        for (tensor, place) in layout.places {
            guard let source = sources[tensor.name] else { throw .missingTensor(path: configPath, tensor: tensor.name) }
            items.append(
                GGUFWriter.Item(name: place.name, type: type.kept(for: place, tensor.shape), shape: tensor.shape) {
                    values throws(ModelFileError) in
                    try source.withValues { values.update(from: $0, count: source.count) }
                    if let heads = place.permutedHeads {
                        GGUFLayout.permute(
                            values, rows: tensor.shape[0], width: source.count / tensor.shape[0], heads: heads)
                    }
                    if place.addsOne { for index in 0..<source.count { values[index] += 1 } }
                })
        }
        for (name, numbers) in shape.ggufRotaryTensors {
            items.append(
                GGUFWriter.Item(name: name, type: .float32, shape: [numbers.count]) { values in
                    for (place, number) in numbers.enumerated() { values[place] = number }
                })
        }
        return try GGUFWriter(store: store).write(items, metadata: metadata, to: path)
    }
}

extension GGUFType {
    /// The format a tensor gets in a file of this one.
    fileprivate func kept(for place: GGUFLayout.Place, _ shape: [Int]) -> GGUFType {
        if place.isVector { return .float32 }
        guard isQuantized else { return self }
        guard (shape.last ?? 1) % blockLength == 0 else { return .float16 }
        let isEnd = place.name == "token_embd.weight" || place.name == "output.weight"
        return self == .q4_0 && isEnd ? .q8_0 : self
    }
}
