import Glibc
package import JSONText
package import Plan

/// An accelerator that is present, as its driver describes it.
package struct PresentDevice: Sendable, Hashable {
    package let name: String
    package let total: ByteCount
    package let free: ByteCount
    package let computeCapability: String

    /// Asks `nvidia-smi`; empty where the tool or a device is missing. `tool` names another program in tests.
    package static func probe(tool: String = "nvidia-smi") -> [PresentDevice] {
        guard let program = inSearchPath(tool) else { return [] }
        let fields = "name,memory.total,memory.free,compute_cap"
        let quoted = "'" + program.replacing("'", with: "'\\''") + "'"
        guard let pipe = popen("\(quoted) --query-gpu=\(fields) --format=csv,noheader,nounits 2>/dev/null", "r") else {
            return []
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 20 {
            let count = fread(&chunk, 1, chunk.count, pipe)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        guard pclose(pipe) == 0 else { return [] }
        return devices(in: String(decoding: bytes, as: UTF8.self))
    }

    /// One line per device: `Tesla T4, 15095, 14900, 7.5`, memory in MiB.
    package static func devices(in text: String) -> [PresentDevice] {
        text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: ",").map { cell in String(cell.drop { $0 == " " }) }
            guard cells.count >= 3, let total = Double(cells[1]), let free = Double(cells[2]), total > 0 else {
                return nil
            }
            return PresentDevice(
                name: cells[0], total: ByteCount(mebibytes: total), free: ByteCount(mebibytes: free),
                computeCapability: cells.count > 3 ? cells[3] : "")
        }
    }

    private static func inSearchPath(_ tool: String) -> String? {
        guard !tool.contains("/") else { return access(tool, X_OK) == 0 ? tool : nil }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { $0 + "/" + tool }.first { access($0, X_OK) == 0 }
    }

    /// As a row of the device table; its speed is that of the row with the same name.
    package func device(_ tables: MemoryTables) -> Device {
        let like = tables.devices.first { name.lowercased().contains($0.name.lowercased()) }
        return Device(
            id: "this_machine", name: name, usableGibibytes: total.gibibytes, bf16: like?.bf16 ?? "",
            denseTeraflops: like?.denseTeraflops, lowPrice: nil, highPrice: nil)
    }

    package var json: JSONValue {
        [
            "name": .string(name), "total_bytes": JSONValue(total.bytes), "free_bytes": JSONValue(free.bytes),
            "compute_capability": .string(computeCapability),
        ]
    }
}
