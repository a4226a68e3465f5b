internal import FileStore
internal import JSONText
package import Plan

/// A safetensors file, mapped and checked: every tensor's bytes are there, whole and its own.
///
/// The format: eight bytes with the length of a JSON header, the header (name → dtype, shape, data_offsets), the data.
/// Offsets come from a file that may be damaged or hostile, so nothing is trusted before it is compared.
package final class SafetensorsFile: Sendable {
    package let path: String
    package let metadata: [String: String]
    package let tensors: [String: TensorView]
    /// Bytes of all tensors together.
    package let dataByteCount: Int

    /// The limit of the reference reader; a longer header is no header.
    private static let longestHeader = 100_000_000

    package init(path: String) throws(ModelFileError) {
        self.path = path
        let file: MappedFile
        do { file = try MappedFile(path: path) } catch { throw .file(error) }
        do throws(SafetensorsDamage.Found) {
            let header = try Self.header(of: file.bytes)
            metadata = header.metadata
            dataByteCount = file.bytes.count - header.dataStart
            tensors = try Self.views(header.entries, in: file, dataStart: header.dataStart)
        } catch {
            throw .damaged(path: path, error.damage)
        }
    }

    /// The tensor, when it has this name and, if given, this shape.
    package func tensor(_ name: String, shape: [Int]? = nil) throws(ModelFileError) -> TensorView {
        guard let tensor = tensors[name] else { throw .missingTensor(path: path, tensor: name) }
        if let shape, tensor.shape != shape {
            throw .wrongShape(path: path, tensor: name, found: tensor.shape, expected: shape)
        }
        return tensor
    }
}

/// One tensor of a mapped file.
package struct TensorView: Sendable {
    package let name: String
    package let elementType: ElementType
    package let shape: [Int]
    let file: MappedFile
    let range: Range<Int>

    package var count: Int { shape.reduce(1, *) }

    /// The tensor's bytes, which stay mapped at least until `body` returns. May be unaligned.
    package func withBytes<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(file) {} }
        return try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
    }

    /// Lets go of the memory behind the tensor's bytes; they are read from disk when they are needed again.
    package func release() { file.release(range) }

    /// Copies the numbers of a float32 tensor.
    package func copyFloats(to destination: UnsafeMutablePointer<Float>) throws(ModelFileError) {
        guard elementType == .float32 else {
            throw .wrongType(path: path, tensor: name, found: elementType, expected: [.float32])
        }
        withBytes { UnsafeMutableRawBufferPointer(start: destination, count: count * 4).copyMemory(from: $0) }
    }

    /// Whether every byte is zero.
    package var isZero: Bool { withBytes { bytes in !bytes.contains { $0 != 0 } } }

    /// The numbers as floats; nil for a type that is not a floating-point format.
    package var floats: [Float]? { withBytes { elementType.floats(in: $0) } }
}

extension SafetensorsDamage {
    /// Damage on its way to becoming a `ModelFileError` with a path.
    fileprivate struct Found: Error { let damage: SafetensorsDamage }
}

extension SafetensorsFile {
    private struct Header {
        var metadata: [String: String] = [:]
        var entries: [Entry] = []
        let dataStart: Int
    }

    private struct Entry {
        let name: String
        let elementType: ElementType
        let shape: [Int]
        let range: Range<Int>
    }

    private static func header(of bytes: UnsafeRawBufferPointer) throws(SafetensorsDamage.Found) -> Header {
        guard bytes.count >= 8 else { throw .init(damage: .tooShort(bytes: bytes.count)) }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(min(bytes.count - 8, longestHeader)) else {
            throw .init(damage: .headerOutsideFile(headerBytes: length, fileBytes: bytes.count))
        }
        let start = 8 + Int(length)
        let json: JSONValue
        do {
            json = try JSONValue.parse(utf8: Array(bytes[8..<start]))
        } catch {
            throw .init(damage: .headerNotJSON(error))
        }
        guard let object = json.objectValue else { throw .init(damage: .headerNotAnObject) }
        if let name = object.duplicateKeys.first { throw .init(damage: .duplicateTensor(name)) }
        var header = Header(dataStart: start)
        for member in object {
            if member.key == "__metadata__" {
                for entry in member.value.objectValue?.members ?? [] {
                    header.metadata[entry.key] = entry.value.stringValue
                }
            } else {
                header.entries.append(try entry(member.key, member.value))
            }
        }
        return header
    }

    private static func entry(_ name: String, _ json: JSONValue) throws(SafetensorsDamage.Found) -> Entry {
        guard let type = json["dtype"]?.stringValue else { throw .init(damage: .badEntry(tensor: name, key: "dtype")) }
        guard let elementType = ElementType(safetensors: type) else {
            throw .init(damage: .unknownType(tensor: name, type))
        }
        guard let sizes = json["shape"]?.arrayValue?.map(\.intValue), !sizes.contains(where: { ($0 ?? -1) < 0 }) else {
            throw .init(damage: .badEntry(tensor: name, key: "shape"))
        }
        guard let offsets = json["data_offsets"]?.arrayValue, offsets.count == 2, let begin = offsets[0].intValue,
            let end = offsets[1].intValue, 0 <= begin, begin <= end
        else { throw .init(damage: .badEntry(tensor: name, key: "data_offsets")) }
        let shape = sizes.compactMap { $0 }
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else { throw .init(damage: .badEntry(tensor: name, key: "shape")) }
            count = product
        }
        guard let expected = elementType.byteCount(of: count) else {
            throw .init(damage: .badEntry(tensor: name, key: "shape"))
        }
        guard end - begin == expected else {
            throw .init(damage: .wrongByteCount(tensor: name, found: end - begin, expected: expected))
        }
        return Entry(name: name, elementType: elementType, shape: shape, range: begin..<end)
    }

    /// Checks that the tensors cover the data without gap or overlap, to its end.
    private static func views(
        _ entries: [Entry], in file: MappedFile, dataStart: Int
    ) throws(SafetensorsDamage.Found) -> [String: TensorView] {
        let dataBytes = file.bytes.count - dataStart
        var views: [String: TensorView] = [:]
        var end = 0
        for entry in entries.sorted(by: {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }) {
            guard entry.range.lowerBound == end else {
                throw .init(damage: .gapOrOverlap(tensor: entry.name, begin: entry.range.lowerBound, expected: end))
            }
            end = entry.range.upperBound
            let (last, overflow) = end.addingReportingOverflow(dataStart)
            views[entry.name] = TensorView(
                name: entry.name, elementType: entry.elementType, shape: entry.shape, file: file,
                range: overflow ? 0..<0 : (dataStart + entry.range.lowerBound)..<last)
        }
        guard end <= dataBytes else { throw .init(damage: .truncated(dataBytes: dataBytes, expected: end)) }
        guard end == dataBytes else { throw .init(damage: .trailingBytes(dataBytes - end)) }
        return views
    }
}
