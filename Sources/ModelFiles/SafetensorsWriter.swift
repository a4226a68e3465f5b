package import FileStore
internal import JSONText
package import Plan

/// A tensor on its way into a file.
package struct OutgoingTensor {
    package let name: String
    package let shape: [Int]
    /// The format it gets in the file: float32, bfloat16 or float16.
    package let elementType: ElementType
    /// Where the numbers come from while the file is written; `shape` says how many.
    private enum Source {
        case memory(UnsafePointer<Float>)
        case made((UnsafeMutablePointer<Float>) throws(ModelFileError) -> Void)
    }

    private let source: Source

    package init(name: String, shape: [Int], elementType: ElementType = .float32, values: UnsafePointer<Float>) {
        self.name = name
        self.shape = shape
        self.elementType = elementType
        source = .memory(values)
    }

    /// A tensor that is made when its turn comes, so that one at a time is in memory.
    package init(
        name: String, shape: [Int], elementType: ElementType,
        making make: @escaping (UnsafeMutablePointer<Float>) throws(ModelFileError) -> Void
    ) {
        self.name = name
        self.shape = shape
        self.elementType = elementType
        source = .made(make)
    }

    /// The numbers, valid during the call of `body`.
    package func withValues(_ body: (UnsafePointer<Float>) throws(ModelFileError) -> Void) throws(ModelFileError) {
        switch source {
        case .memory(let values): try body(values)
        case .made(let make):
            let values = UnsafeMutablePointer<Float>.allocate(capacity: max(1, count))
            defer { values.deallocate() }
            try make(values)
            try body(UnsafePointer(values))
        }
    }

    package var count: Int { shape.reduce(1, *) }
}

/// Writes safetensors files: whole or not at all.
package struct SafetensorsWriter {
    private let store: FileStore
    /// Floats converted at once.
    private static let chunk = 1 << 18

    package init(store: FileStore = FileStore()) { self.store = store }

    /// Writes the tensors sorted by name, wider formats first, so that every tensor is aligned; returns the file's fingerprint.
    @discardableResult
    package func write(
        _ tensors: [OutgoingTensor], metadata: [String: String] = ["format": "pt"], to path: String
    ) throws(ModelFileError) -> Fingerprint {
        let ordered = tensors.sorted {
            ($1.elementType.bytesPerElement, $0.name) < ($0.elementType.bytesPerElement, $1.name)
        }
        let writer = try filing { () throws(FileStoreError) in try store.writer(to: path) }
        try filing { () throws(FileStoreError) in try writer.write(header(ordered, metadata)) }
        for tensor in ordered {
            try tensor.withValues { values throws(ModelFileError) in
                try filing { () throws(FileStoreError) in try write(tensor, values, with: writer) }
            }
        }
        return try filing { () throws(FileStoreError) in try writer.commit() }
    }

    private func filing<Value>(_ body: () throws(FileStoreError) -> Value) throws(ModelFileError) -> Value {
        do throws(FileStoreError) { return try body() } catch { throw .file(error) }
    }

    private func write(
        _ tensor: OutgoingTensor, _ values: UnsafePointer<Float>, with writer: FileWriter
    ) throws(FileStoreError) {
        for start in stride(from: 0, to: tensor.count, by: Self.chunk) {
            let floats = UnsafeBufferPointer(start: values + start, count: min(Self.chunk, tensor.count - start))
            guard let bytes = tensor.elementType.bytes(of: floats) else {
                preconditionFailure("\(tensor.name) is to be written as \(tensor.elementType), which holds no floats")
            }
            try writer.write(bytes)
        }
    }

    private func header(_ tensors: [OutgoingTensor], _ metadata: [String: String]) -> [UInt8] {
        var object = JSONObject()
        object["__metadata__"] = .object(
            JSONObject(metadata.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        var end = 0
        for tensor in tensors {
            let begin = end
            end += tensor.count * tensor.elementType.bytesPerElement
            object[tensor.name] = [
                "dtype": JSONValue(tensor.elementType.safetensorsName),
                "shape": .array(tensor.shape.map { JSONValue($0) }),
                "data_offsets": [JSONValue(begin), JSONValue(end)],
            ]
        }
        var text = JSONValue.object(object).utf8()
        // The data starts at a multiple of eight, so that tensors can be used where they are mapped.
        while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    }
}
