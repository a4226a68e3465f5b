import Glibc
package import Plan

extension MachineProfile {
    /// Looks at this machine. `root` is `/` except in tests; `folder` is where the run folder will lie.
    package static func probe(root: String = "/", folder: String = ".") -> MachineProfile {
        let files = SystemFiles(root: root)
        let processors = files.fields(of: "proc/cpuinfo")
        let memory = files.fields(of: "proc/meminfo")
        let allowed = files.fields(of: "proc/self/status")["Cpus_allowed_list"].map(count(ofList:)) ?? 0
        let groups = ControlGroups(files: files)
        let cores = max(1, min(allowed > 0 ? allowed : Int.max, onlineProcessors(files)))
        return MachineProfile(
            processor: processors["model name"] ?? processors["CPU part"].map { "ARM part \($0)" } ?? "unknown processor",
            cores: groups.processorQuota.map { max(1, min(cores, $0)) } ?? cores,
            instructionSets: instructionSets(flags: processors["flags"] ?? processors["Features"] ?? ""),
            totalMemory: kibibytes(memory["MemTotal"]), availableMemory: kibibytes(memory["MemAvailable"]),
            groupMemoryLeft: groups.memoryLeft, freeDisk: freeDisk(near: folder))
    }

    /// The most bytes this process has held in memory so far (`VmHWM`; getrusage misreports spawned children).
    package static func peakResidentMemory(root: String = "/") -> ByteCount? {
        kibibytes(SystemFiles(root: root).fields(of: "proc/self/status")["VmHWM"])
    }

    /// Lets `peakResidentMemory` count from now on. A kernel that does not allow it goes on with the old peak.
    package static func forgetPeakResidentMemory() {
        guard let file = fopen("/proc/self/clear_refs", "w") else { return }
        fputs("5", file)
        fclose(file)
    }

    static func available(_ files: SystemFiles) -> ByteCount? {
        kibibytes(files.fields(of: "proc/meminfo")["MemAvailable"])
    }

    private static let knownSets = ["neon", "asimd", "avx2", "avx512f", "avx512_bf16", "amx_bf16"]

    private static func instructionSets(flags: String) -> [String] {
        let present = Set(flags.split(separator: " "))
        return knownSets.filter { present.contains(Substring($0)) }
    }

    private static func onlineProcessors(_ files: SystemFiles) -> Int {
        let listed = files.text("sys/devices/system/cpu/online").map(count(ofList:)) ?? 0
        return listed > 0 ? listed : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// `0-3,8` is five processors.
    private static func count(ofList text: String) -> Int {
        text.split(separator: ",").reduce(0) { sum, part in
            let ends = part.split(separator: "-").compactMap { Int($0.filter(\.isNumber)) }
            guard let first = ends.first, let last = ends.last, last >= first else { return sum }
            return sum + last - first + 1
        }
    }

    private static func kibibytes(_ text: String?) -> ByteCount? {
        guard let number = text?.split(separator: " ").first.flatMap({ Int($0) }) else { return nil }
        return ByteCount(number * 1024)
    }

    /// Asks the nearest folder above that exists: the run folder itself is made later.
    package static func freeDisk(near folder: String) -> ByteCount? {
        var path = folder
        var status = statvfs()
        while statvfs(path, &status) != 0 {
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
                path = path.hasPrefix("/") ? "/" : "."
                return statvfs(path, &status) == 0 ? ByteCount(Int(status.f_bavail) * Int(status.f_frsize)) : nil
            }
            path = String(path[..<slash])
        }
        return ByteCount(Int(status.f_bavail) * Int(status.f_frsize))
    }
}

/// Small text files below `/proc` and `/sys`.
struct SystemFiles {
    let root: String

    func text(_ path: String) -> String? {
        // These files report a size of zero, so the whole-file readers of Foundation that trust it are avoided.
        guard let file = fopen(root + (root.hasSuffix("/") ? "" : "/") + path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while bytes.count < 16 << 20 {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Lines of the form `name : value`; of repeated names the first counts.
    func fields(of path: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in (text(path) ?? "").split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].trimmingPrefix { $0.isWhitespace }
            let key = String(name.reversed().drop { $0.isWhitespace }.reversed())
            if fields[key] == nil { fields[key] = String(line[line.index(after: colon)...].drop { $0.isWhitespace }) }
        }
        return fields
    }

    func number(_ path: String) -> Int? { text(path).flatMap { Int($0.filter { !$0.isWhitespace }) } }
}
