import FileStore
import Foundation
import ModelFiles
import Plan
import Testing

/// An empty folder that goes away with the test.
final class ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "hone-model-files-" + UUID().uuidString
        try FileStore().createFolder(path)
    }

    deinit { try? FileStore().remove(path) }
}

@Suite("Safetensors files")
struct SafetensorsTests {
    /// A file with this header and so many bytes of data.
    private func file(_ header: String, dataBytes: Int, in folder: ScratchFolder) throws -> String {
        let path = folder.path + "/x.safetensors"
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        try FileStore().write(length + Array(header.utf8) + [UInt8](repeating: 0, count: dataBytes), to: path)
        return path
    }

    private func damage(_ header: String, dataBytes: Int = 8) throws -> SafetensorsDamage? {
        let folder = try ScratchFolder()
        let path = try file(header, dataBytes: dataBytes, in: folder)
        do {
            _ = try SafetensorsFile(path: path)
            return nil
        } catch .damaged(let named, let damage) {
            #expect(named == path)
            return damage
        }
    }

    @Test("what is written is read back, in every float format", arguments: [ElementType.float32, .bfloat16, .float16])
    func roundTrip(type: ElementType) throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/x.safetensors"
        let values: [Float] = [0, 1, -1.5, 0.333_251_95, 65504, -0.0001, 3.140625]
        try values.withUnsafeBufferPointer { values in
            let start = try #require(values.baseAddress)
            try SafetensorsWriter().write(
                [
                    OutgoingTensor(name: "b", shape: [7], elementType: type, values: start),
                    OutgoingTensor(name: "a", shape: [1, 3], elementType: type, values: start),
                    OutgoingTensor(name: "none", shape: [0, 3], elementType: type, values: start),
                ], to: path)
        }
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata == ["format": "pt"])
        #expect(file.tensors.count == 3)
        let read = try #require(file.tensor("b", shape: [7]).floats)
        let tolerance: Float = type == .float32 ? 0 : type == .float16 ? 1e-3 : 4e-3
        for (found, expected) in zip(read, values) { #expect(abs(found - expected) <= abs(expected) * tolerance) }
        #expect(try file.tensor("a").floats?.count == 3)
        #expect(try file.tensor("none").floats == [])
    }

    @Test("rounding to bfloat16 is to nearest, ties to even, and keeps infinities and NaN")
    func bfloat16Rounding() throws {
        let values: [Float] = [
            Float(bitPattern: 0x3F80_8000), Float(bitPattern: 0x3F81_8000), Float(bitPattern: 0x3F80_8001), .infinity,
            -.infinity, .greatestFiniteMagnitude, .nan,
        ]
        let bytes = try #require(values.withUnsafeBufferPointer { ElementType.bfloat16.bytes(of: $0) })
        let words = stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
        #expect(words == [0x3F80, 0x3F82, 0x3F81, 0x7F80, 0xFF80, 0x7F80, 0x7FC0])
    }

    @Test("a missing tensor and a wrong shape are named with what was found")
    func lookups() throws {
        let folder = try ScratchFolder()
        let path = try file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, dataBytes: 8, in: folder)
        let file = try SafetensorsFile(path: path)
        #expect(throws: ModelFileError.missingTensor(path: path, tensor: "b")) { try file.tensor("b") }
        #expect(throws: ModelFileError.wrongShape(path: path, tensor: "a", found: [2], expected: [1, 2])) {
            try file.tensor("a", shape: [1, 2])
        }
    }

    @Test("a header that does not fit the file is refused")
    func badHeaders() throws {
        let folder = try ScratchFolder()
        let short = folder.path + "/short"
        try FileStore().write([1, 2, 3], to: short)
        #expect(throws: ModelFileError.damaged(path: short, .tooShort(bytes: 3))) { try SafetensorsFile(path: short) }
        let long = folder.path + "/long"
        try FileStore().write([UInt8](repeating: 0xFF, count: 20), to: long)
        #expect(throws: ModelFileError.damaged(path: long, .headerOutsideFile(headerBytes: .max, fileBytes: 20))) {
            try SafetensorsFile(path: long)
        }
        #expect(try damage("[]", dataBytes: 0) == .headerNotAnObject)
        guard case .headerNotJSON? = try damage("{\"a\":", dataBytes: 0) else {
            Issue.record("half a header was read")
            return
        }
    }

    @Test("an entry that cannot be true is refused")
    func badEntries() throws {
        #expect(try damage(#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#) == .badEntry(tensor: "a", key: "dtype"))
        #expect(
            try damage(#"{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}"#)
                == .unknownType(tensor: "a", "F8_E4M3"))
        #expect(
            try damage(#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#)
                == .badEntry(tensor: "a", key: "shape"))
        #expect(
            try damage(#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#)
                == .badEntry(tensor: "a", key: "shape"))
        #expect(
            try damage(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#)
                == .badEntry(tensor: "a", key: "data_offsets"))
        #expect(
            try damage(#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#)
                == .wrongByteCount(tensor: "a", found: 8, expected: 12))
        #expect(
            try damage(
                #"{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}"#
            )
                == .duplicateTensor("a"))
    }

    @Test("tensors must cover the data without gap, overlap or end beyond it")
    func coverage() throws {
        func two(_ second: String) -> String {
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":"#
                + second + "}}"
        }
        #expect(try damage(two("[4,8]")) == nil)
        #expect(try damage(two("[3,7]")) == .gapOrOverlap(tensor: "b", begin: 3, expected: 4))
        #expect(try damage(two("[5,9]")) == .gapOrOverlap(tensor: "b", begin: 5, expected: 4))
        #expect(try damage(two("[4,8]"), dataBytes: 7) == .truncated(dataBytes: 7, expected: 8))
        #expect(try damage(two("[4,8]"), dataBytes: 9) == .trailingBytes(1))
    }

    @Test("a full disk leaves the earlier file")
    func fullDisk() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/x.safetensors"
        let value: [Float] = [1]
        try value.withUnsafeBufferPointer { value in
            let start = try #require(value.baseAddress)
            let tensors = [OutgoingTensor(name: "a", shape: [1], values: start)]
            try SafetensorsWriter().write(tensors, to: path)
            let before = try FileStore().fingerprint(ofFile: path)
            let full = FileStore { operation, _ in operation == .write ? .tear(bytes: 5, errno: ENOSPC) : nil }
            #expect(throws: ModelFileError.self) { try SafetensorsWriter(store: full).write(tensors, to: path) }
            #expect(try FileStore().fingerprint(ofFile: path) == before)
        }
    }
}
