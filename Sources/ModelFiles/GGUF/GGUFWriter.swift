package import FileStore

/// Writes GGUF files (version 3): whole or not at all.
package struct GGUFWriter {
    /// A tensor and the format it gets in the file.
    struct Item {
        let name: String
        let type: GGUFType
        let shape: [Int]
        /// Where the numbers come from when its turn comes; one tensor at a time is in memory.
        let make: (UnsafeMutablePointer<Float>) throws(ModelFileError) -> Void

        var count: Int { shape.reduce(1, *) }
    }

    private let store: FileStore
    /// Floats converted at once; whole blocks of every format.
    private static let chunk = 1 << 18

    package init(store: FileStore = FileStore()) { self.store = store }

    /// Writes tensors in the given order; returns the file's fingerprint.
    @discardableResult
    func write(
        _ tensors: [Item], metadata: [(String, GGUFValue)], to path: String
    ) throws(ModelFileError) -> Fingerprint {
        let writer = try filing { () throws(FileStoreError) in try store.writer(to: path) }
        var header = GGUFBytes()
        header.bytes += Array(GGUFFile.magic.utf8)
        header.add(GGUFFile.version)
        header.add(UInt64(tensors.count))
        header.add(UInt64(metadata.count))
        for (key, value) in metadata { header.add(key, value) }
        var offset = 0
        for tensor in tensors {
            header.add(tensor.name)
            header.add(UInt32(tensor.shape.count))
            for size in tensor.shape.reversed() { header.add(UInt64(size)) }
            header.add(tensor.type.rawValue)
            header.add(UInt64(offset))
            offset += Self.aligned(byteCount(tensor))
        }
        header.pad(to: GGUFFile.defaultAlignment)
        try filing { () throws(FileStoreError) in try writer.write(header.bytes) }
        for tensor in tensors {
            let values = UnsafeMutablePointer<Float>.allocate(capacity: max(1, tensor.count))
            defer { values.deallocate() }
            try tensor.make(values)
            for start in stride(from: 0, to: tensor.count, by: Self.chunk) {
                let floats = UnsafeBufferPointer(start: values + start, count: min(Self.chunk, tensor.count - start))
                try filing { () throws(FileStoreError) in try writer.write(tensor.type.bytes(of: floats)) }
            }
            let count = byteCount(tensor)
            let padding = [UInt8](repeating: 0, count: Self.aligned(count) - count)
            try filing { () throws(FileStoreError) in try writer.write(padding) }
        }
        return try filing { () throws(FileStoreError) in try writer.commit() }
    }

    private func byteCount(_ tensor: Item) -> Int { tensor.count / tensor.type.blockLength * tensor.type.blockBytes }

    private static func aligned(_ count: Int) -> Int {
        (count + GGUFFile.defaultAlignment - 1) / GGUFFile.defaultAlignment * GGUFFile.defaultAlignment
    }

    private func filing<Value>(_ body: () throws(FileStoreError) -> Value) throws(ModelFileError) -> Value {
        do throws(FileStoreError) { return try body() } catch { throw .file(error) }
    }
}

/// The beginning of a GGUF file in the making.
private struct GGUFBytes {
    var bytes: [UInt8] = []

    mutating func add<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes += Array($0) }
    }

    mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        bytes += Array(text.utf8)
    }

    mutating func pad(to alignment: Int) {
        while bytes.count % alignment != 0 { bytes.append(0) }
    }

    mutating func add(_ key: String, _ value: GGUFValue) {
        add(key)
        func begin(_ kind: GGUFValue.Kind) { add(kind.rawValue) }
        func list(_ kind: GGUFValue.Kind, _ count: Int) {
            begin(.array)
            begin(kind)
            add(UInt64(count))
        }
        switch value {
        case .uint32(let number):
            begin(.uint32)
            add(number)
        case .float32(let number):
            begin(.float32)
            add(number.bitPattern)
        case .bool(let flag):
            begin(.bool)
            add(UInt8(flag ? 1 : 0))
        case .text(let text):
            begin(.text)
            add(text)
        case .texts(let texts):
            list(.text, texts.count)
            for text in texts { add(text) }
        case .int32s(let numbers):
            list(.int32, numbers.count)
            for number in numbers { add(number) }
        case .float32s(let numbers):
            list(.float32, numbers.count)
            for number in numbers { add(number.bitPattern) }
        case .bools(let flags):
            list(.bool, flags.count)
            for flag in flags { add(UInt8(flag ? 1 : 0)) }
        case .integer(let number):
            begin(.int64)
            add(Int64(number))
        case .float64(let number):
            begin(.float64)
            add(number.bitPattern)
        case .otherList:
            // Settings of files that were read are never written again: what comes here was made by hone.
            preconditionFailure("\(key) holds a list that was not read, so it cannot be written")
        }
    }
}
