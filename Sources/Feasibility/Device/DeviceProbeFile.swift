package import FileStore
import JSONText
import Plan

/// What the driver said about this machine's accelerators, kept for a day: asking it takes up to two seconds.
///
/// Memory that is free changes all the time, so whoever uses a kept answer says when it was given.
package struct DeviceProbeFile: Sendable {
    private static let secondsKept = 86400.0

    private let file: KeptJSON

    package init(path: String, store: FileStore = FileStore()) { file = KeptJSON(path: path, store: store) }

    /// Nil where the environment names no folder for caches.
    package init?(environment: [String: String], store: FileStore = FileStore()) {
        guard let file = KeptJSON(named: "devices.json", environment: environment, store: store) else { return nil }
        self.file = file
    }

    /// Nil when nothing was kept, when it is older than a day or from the future, or when the file is torn.
    ///
    /// - Parameter now: Seconds since 1970.
    package func load(now: Double) -> (devices: [PresentDevice], age: Double)? {
        guard let json = file.load(), let asked = json["asked_at"]?.doubleValue,
            let rows = json["devices"]?.arrayValue
        else { return nil }
        let age = now - asked
        guard age >= 0, age < Self.secondsKept else { return nil }
        let devices = rows.compactMap(PresentDevice.init)
        return devices.count == rows.count && !devices.isEmpty ? (devices, age) : nil
    }

    /// A cache that cannot be written costs time and nothing else.
    package func save(_ devices: [PresentDevice], now: Double) {
        guard !devices.isEmpty else { return }
        try? file.save(["asked_at": JSONValue(now), "devices": .array(devices.map(\.json))])
    }
}

extension PresentDevice {
    init?(_ json: JSONValue) {
        guard let name = json["name"]?.stringValue, let total = json["total_bytes"]?.intValue, total > 0,
            let free = json["free_bytes"]?.intValue, free >= 0,
            let capability = json["compute_capability"]?.stringValue
        else { return nil }
        self.init(name: name, total: ByteCount(total), free: ByteCount(free), computeCapability: capability)
    }
}
