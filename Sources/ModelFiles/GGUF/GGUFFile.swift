internal import FileStore

/// A GGUF file, mapped and checked: metadata, and every tensor's place within the file.
///
/// The format (version 3, little-endian): magic, version, number of tensors, number of metadata entries; the entries; for
/// every tensor its name, dimensions (fastest first), type and offset; then the data, aligned. Lengths come from a file
/// that may be damaged or hostile, so nothing is trusted before it is compared.
package final class GGUFFile: Sendable {
    package let path: String
    package let metadata: [String: GGUFValue]
    package let tensors: [String: GGUFTensor]

    /// Whether a file begins as GGUF files do.
    package static func isGGUF(_ path: String) -> Bool {
        guard let file = try? MappedFile(path: path) else { return false }
        return file.bytes.starts(with: Array(magic.utf8))
    }

    static let magic = "GGUF"
    static let version: UInt32 = 3
    static let defaultAlignment = 32

    package init(path: String) throws(ModelFileError) {
        self.path = path
        let file: MappedFile
        do { file = try MappedFile(path: path) } catch { throw .file(error) }
        do throws(GGUFDamage.Found) {
            var cursor = GGUFCursor(bytes: file.bytes)
            guard file.bytes.starts(with: Array(Self.magic.utf8)) else { throw .init(damage: .notGGUF) }
            _ = try cursor.take(4)
            let version: UInt32 = try cursor.number()
            guard version == 2 || version == Self.version else { throw .init(damage: .version(version)) }
            let tensorCount = try cursor.count(atLeast: 24), entryCount = try cursor.count(atLeast: 13)
            var metadata: [String: GGUFValue] = [:]
            for _ in 0..<entryCount {
                let key = try cursor.text()
                guard metadata[key] == nil else { throw .init(damage: .keyTwice(key)) }
                metadata[key] = try cursor.value(of: key)
            }
            let alignment = metadata["general.alignment"]?.intValue ?? Self.defaultAlignment
            guard alignment > 0, alignment <= 1 << 20, alignment % 8 == 0 else {
                throw .init(damage: .badValue(key: "general.alignment"))
            }
            var entries: [GGUFTensor.Entry] = []
            for _ in 0..<tensorCount { entries.append(try cursor.entry()) }
            let dataStart = (cursor.place + alignment - 1) / alignment * alignment
            var tensors: [String: GGUFTensor] = [:]
            for entry in entries {
                guard tensors[entry.name] == nil else { throw .init(damage: .tensorTwice(entry.name)) }
                tensors[entry.name] = try GGUFTensor(entry, in: file, dataStart: dataStart, alignment: alignment)
            }
            (self.metadata, self.tensors) = (metadata, tensors)
        } catch {
            throw .damagedGGUF(path: path, error.damage)
        }
    }

    /// Metadata that must be there, as `read` understands it.
    func required<Value>(_ key: String, _ read: (GGUFValue) -> Value?) throws(ModelFileError) -> Value {
        guard let value = metadata[key] else { throw .missingKey(path: path, key: key) }
        guard let result = read(value) else { throw .damagedGGUF(path: path, .badValue(key: key)) }
        return result
    }

    func optional<Value>(_ key: String, _ read: (GGUFValue) -> Value?) throws(ModelFileError) -> Value? {
        metadata[key] == nil ? nil : try required(key, read)
    }

    /// A number of things: at least 1.
    func count(_ key: String) throws(ModelFileError) -> Int {
        let count = try required(key) { $0.intValue }
        guard count > 0, count <= Int(Int32.max) else { throw .damagedGGUF(path: path, .badValue(key: key)) }
        return count
    }

    func tensor(_ name: String, shape: [Int]) throws(ModelFileError) -> GGUFTensor {
        guard let tensor = tensors[name] else { throw .missingTensor(path: path, tensor: name) }
        guard tensor.shape == shape else {
            throw .wrongShape(path: path, tensor: name, found: tensor.shape, expected: shape)
        }
        return tensor
    }
}

/// One tensor of a mapped GGUF file.
package struct GGUFTensor: Sendable {
    package let name: String
    package let type: GGUFType
    /// Slowest dimension first, as everywhere in hone; the file has them the other way round.
    package let shape: [Int]
    private let file: MappedFile
    private let range: Range<Int>

    package var count: Int { shape.reduce(1, *) }
    package var byteCount: Int { range.count }

    struct Entry {
        let name: String
        let shape: [Int]
        let type: UInt32
        let offset: UInt64
    }

    init(_ entry: Entry, in file: MappedFile, dataStart: Int, alignment: Int) throws(GGUFDamage.Found) {
        guard let type = GGUFType(rawValue: entry.type) else {
            throw .init(damage: .unknownType(tensor: entry.name, GGUFType.name(ofNumber: entry.type)))
        }
        var count = 1
        for size in entry.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else { throw .init(damage: .badTensor(entry.name)) }
            count = product
        }
        guard (entry.shape.last ?? 1) % type.blockLength == 0, let bytes = type.byteCount(of: count),
            entry.offset % UInt64(alignment) == 0
        else { throw .init(damage: .badTensor(entry.name)) }
        guard entry.offset <= UInt64(file.bytes.count), dataStart <= file.bytes.count,
            Int(entry.offset) <= file.bytes.count - dataStart, bytes <= file.bytes.count - dataStart - Int(entry.offset)
        else {
            throw .init(damage: .tensorOutsideFile(entry.name, fileBytes: file.bytes.count))
        }
        (name, shape, self.type, self.file) = (entry.name, entry.shape, type, file)
        range = (dataStart + Int(entry.offset))..<(dataStart + Int(entry.offset) + bytes)
    }

    /// Copies the numbers as floats.
    package func expand(into destination: UnsafeMutablePointer<Float>) {
        type.expand(UnsafeRawBufferPointer(rebasing: file.bytes[range]), into: destination)
        withExtendedLifetime(file) {}
    }

    package var floats: [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let start = buffer.baseAddress { expand(into: start) }
            initialized = count
        }
    }
}

/// What is wrong with the bytes of a GGUF file.
package enum GGUFDamage: Sendable, Hashable {
    case notGGUF
    case version(UInt32)
    /// A length at this byte leads behind the end of the file.
    case endsEarly(atByte: Int)
    case notText(atByte: Int)
    case keyTwice(String)
    case badValue(key: String)
    case tensorTwice(String)
    /// Dimensions that do not go with the type, or an offset that is not aligned.
    case badTensor(String)
    case unknownType(tensor: String, String)
    case tensorOutsideFile(String, fileBytes: Int)

    /// Damage on its way to becoming a `ModelFileError` with a path.
    struct Found: Error { let damage: GGUFDamage }
}

/// A place in the bytes of a file that moves forward and never beyond the end.
struct GGUFCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var place = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func take(_ count: Int) throws(GGUFDamage.Found) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - place else { throw .init(damage: .endsEarly(atByte: place)) }
        defer { place += count }
        return UnsafeRawBufferPointer(rebasing: bytes[place..<(place + count)])
    }

    mutating func number<Number: FixedWidthInteger>() throws(GGUFDamage.Found) -> Number {
        Number(littleEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
    }

    /// A number of things that take at least so many bytes each, which the file must have room for.
    mutating func count(atLeast size: Int) throws(GGUFDamage.Found) -> Int {
        let start = place
        let count: UInt64 = try number()
        guard count <= UInt64(bytes.count / max(1, size)) else { throw .init(damage: .endsEarly(atByte: start)) }
        return Int(count)
    }

    mutating func text() throws(GGUFDamage.Found) -> String {
        let count = try count(atLeast: 1), start = place
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            throw .init(damage: .notText(atByte: start))
        }
        return text
    }

    mutating func value(of key: String) throws(GGUFDamage.Found) -> GGUFValue {
        guard let kind = GGUFValue.Kind(rawValue: try number()) else { throw .init(damage: .badValue(key: key)) }
        guard kind == .array else { return try value(kind) }
        guard let element = GGUFValue.Kind(rawValue: try number()), element != .array else {
            throw .init(damage: .badValue(key: key))
        }
        let count = try count(atLeast: element.byteCount ?? 8)
        var texts: [String] = [], integers: [Int32] = [], floats: [Float] = [], bools: [Bool] = []
        for _ in 0..<count {
            switch (element, try value(element)) {
            case (_, .text(let value)): texts.append(value)
            case (_, .bool(let value)): bools.append(value)
            case (.float32, .float32(let value)): floats.append(value)
            case (_, .uint32(let value)) where value <= UInt32(Int32.max): integers.append(Int32(value))
            case (_, .integer(let value)):
                guard let value = Int32(exactly: value) else { continue }
                integers.append(value)
            default: continue
            }
        }
        if element == .text { return .texts(texts) }
        if bools.count == count, element == .bool { return .bools(bools) }
        if floats.count == count, element == .float32 { return .float32s(floats) }
        return integers.count == count ? .int32s(integers) : .otherList(count: count)
    }

    private mutating func value(_ kind: GGUFValue.Kind) throws(GGUFDamage.Found) -> GGUFValue {
        switch kind {
        case .uint8: .integer(Int(try number() as UInt8))
        case .int8: .integer(Int(try number() as Int8))
        case .uint16: .integer(Int(try number() as UInt16))
        case .int16: .integer(Int(try number() as Int16))
        case .uint32: .uint32(try number())
        case .int32: .integer(Int(try number() as Int32))
        case .float32: .float32(Float(bitPattern: try number()))
        case .bool: .bool(try number() as UInt8 != 0)
        case .text: .text(try text())
        case .uint64: .integer(Int(clamping: try number() as UInt64))
        case .int64: .integer(Int(try number() as Int64))
        case .float64: .float64(Double(bitPattern: try number()))
        case .array: .otherList(count: 0)
        }
    }

    mutating func entry() throws(GGUFDamage.Found) -> GGUFTensor.Entry {
        let name = try text()
        let dimensions: UInt32 = try number()
        guard (1...4).contains(dimensions) else { throw .init(damage: .badTensor(name)) }
        var sizes: [Int] = []
        for _ in 0..<dimensions {
            let size: UInt64 = try number()
            guard size > 0, size <= UInt64(Int32.max) else { throw .init(damage: .badTensor(name)) }
            sizes.append(Int(size))
        }
        return GGUFTensor.Entry(name: name, shape: sizes.reversed(), type: try number(), offset: try number())
    }
}
