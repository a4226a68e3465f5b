import FileStore
import Foundation
import JSONText
import ModelFiles
import Plan
import Testing

/// A small generator of its own, so that a failing round can be repeated by its number.
private struct Damage {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(max(1, bound)))
    }

    /// Some bytes changed, taken out, put in, doubled or cut off; numbers like to become huge or negative.
    mutating func applied(to bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...next(3) where !bytes.isEmpty {
            let place = next(bytes.count)
            switch next(7) {
            case 0: bytes[place] = UInt8(next(256))
            case 1: bytes[place] ^= 1 << UInt8(next(8))
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + next(9)))
            case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + next(40))], at: next(bytes.count))
            case 4: bytes.removeLast(next(bytes.count))
            case 5:
                let numbers = ["-1", "99999999999999999999", "9223372036854775807", "1e308", "null", "[]", "{}", "\"\""]
                bytes.replaceSubrange(place..<min(bytes.count, place + 1 + next(3)), with: Array(numbers[next(8)].utf8))
            default: bytes.insert(contentsOf: Array("\"[{,:}]\\".utf8).shuffled(by: next(8)), at: place)
            }
        }
        return bytes
    }
}

extension [UInt8] {
    fileprivate func shuffled(by start: Int) -> [UInt8] { Array(self[Swift.min(start, count)...]) }
}

@Suite("Damaged files end with an error, never with the process")
struct DamagedFileTests {
    static let rounds = ProcessInfo.processInfo.environment["HONE_SLOW_TESTS"] == "1" ? 20_000 : 400
    private static let families = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Oracles/families").standardized.path(percentEncoded: false)
    private static let peft = families + "/../peft"

    @Test("safetensors: whatever is accepted lies inside the file and can be read")
    func safetensors() throws {
        let folder = try ScratchFolder(), path = folder.path + "/x.safetensors", store = FileStore()
        let whole = try store.read(Self.families + "/qwen2/model.safetensors")
        // The header is where lies are told; a little data keeps the rounds short.
        let short = Array(whole.prefix(6000))
        for round in 0..<Self.rounds {
            var damage = Damage(state: UInt64(round))
            try store.write(damage.applied(to: round % 2 == 0 ? short : whole), to: path)
            guard let file = try? SafetensorsFile(path: path) else { continue }
            for tensor in file.tensors.values { _ = tensor.withBytes { $0.reduce(0) { $0 &+ Int($1) } } }
        }
    }

    @Test("configs and adapters: a shape that is accepted fits the tensors that are there")
    func configs() throws {
        let folder = try ScratchFolder(), store = FileStore()
        let model = folder.path + "/model", adapter = folder.path + "/adapter"
        try store.createFolder(model)
        try store.createFolder(adapter)
        try store.copyFile(Self.families + "/gemma3/model.safetensors", to: model + "/model.safetensors")
        try store.copyFile(Self.peft + "/patterns/adapter_model.safetensors", to: adapter + "/adapter_model.safetensors")
        let config = try store.read(Self.families + "/gemma3/config.json")
        let settings = try store.read(Self.peft + "/patterns/adapter_config.json")
        let shape = try ModelFolder(path: Self.families + "/qwen2-window").shape
        for round in 0..<Self.rounds {
            var damage = Damage(state: UInt64(round) &* 7)
            try store.write(damage.applied(to: config), to: model + "/config.json")
            if let found = try? ModelFolder(path: model) { #expect(found.shape.tensors.count <= 41) }
            try store.write(damage.applied(to: settings), to: adapter + "/adapter_config.json")
            _ = try? AdapterFolder(path: adapter, shape: shape)
        }
    }
}
