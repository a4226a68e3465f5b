internal import JSONText
package import Plan

/// A weight that bitsandbytes stored in NF4: two codes to a byte, one absmax for every block, that itself often in codes.
package struct NF4Tensor: Sendable {
    package enum Scales: Sendable {
        /// One float32 for every block.
        case plain(TensorView)
        /// Codes into `map`, one float32 for every `block` of them, and what is added in the end.
        case nested(codes: TensorView, absmax: TensorView, map: [Float], block: Int, offset: Float)
    }

    package let name: String
    package let path: String
    /// Of the matrix: [outputs, inputs].
    package let shape: [Int]
    package let packed: TensorView
    /// The 16 numbers that codes stand for.
    package let values: [Float]
    package let block: Int
    package let scales: Scales
    /// The format a number is rounded to when it is taken out.
    package let elementType: ElementType

    package var count: Int { shape.reduce(1, *) }

    static let stateSuffix = ".quant_state.bitsandbytes__nf4"

    /// Nil when `stored` holds no NF4 weight of this name. What was used is taken out of `stored`.
    init?(
        _ expected: ModelShape.Tensor, from stored: inout [String: TensorView]
    ) throws(ModelFileError) {
        guard let packed = stored[expected.name], packed.elementType == .uint8,
            let state = stored[expected.name + Self.stateSuffix]
        else { return nil }
        (name, path, self.packed) = (expected.name, packed.path, packed)
        let place = packed.path + ": " + state.name
        let json: JSONValue
        do { json = try JSONValue.parse(utf8: state.withBytes { Array($0) }) } catch {
            throw .notJSON(path: place, error)
        }
        let config = ConfigReader(json: json, path: place)
        try config.require("quant_type", oneOf: ["nf4"])
        block = try config.count("blocksize")
        shape = (json["shape"]?.arrayValue ?? []).compactMap(\.intValue)
        guard shape == expected.shape else {
            throw .wrongShape(path: packed.path, tensor: expected.name, found: shape, expected: expected.shape)
        }
        guard let type = json["dtype"]?.stringValue.flatMap(ElementType.init(rawValue:)),
            ElementType.weights.contains(type)
        else { throw config.wrong("dtype", json["dtype"] ?? nil, "a floating-point format of models") }
        elementType = type
        func part(_ suffix: String, _ type: ElementType, count: Int) throws(ModelFileError) -> TensorView {
            guard let part = stored.removeValue(forKey: expected.name + suffix) else {
                throw .missingTensor(path: packed.path, tensor: expected.name + suffix)
            }
            guard part.elementType == type else {
                throw .wrongType(path: part.path, tensor: part.name, found: part.elementType, expected: [type])
            }
            guard part.count == count else {
                throw .wrongShape(path: part.path, tensor: part.name, found: part.shape, expected: [count])
            }
            return part
        }
        let numbers = expected.shape.reduce(1, *), blocks = (numbers + block - 1) / block
        guard packed.count == (numbers + 1) / 2 else {
            throw .wrongShape(
                path: packed.path, tensor: packed.name, found: packed.shape, expected: [(numbers + 1) / 2, 1])
        }
        values = try part(".quant_map", .float32, count: 16).floats ?? []
        if stored[expected.name + ".nested_absmax"] != nil {
            let nestedBlock = try config.count("nested_blocksize")
            guard let offset = json["nested_offset"]?.doubleValue else {
                throw .missingKey(path: place, key: "nested_offset")
            }
            scales = .nested(
                codes: try part(".absmax", .uint8, count: blocks),
                absmax: try part(".nested_absmax", .float32, count: (blocks + nestedBlock - 1) / nestedBlock),
                map: try part(".nested_quant_map", .float32, count: 256).floats ?? [], block: nestedBlock,
                offset: Float(offset))
        } else {
            scales = .plain(try part(".absmax", .float32, count: blocks))
        }
        stored.removeValue(forKey: expected.name)
        stored.removeValue(forKey: expected.name + Self.stateSuffix)
    }
}
