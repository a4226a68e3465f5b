import Feasibility
import Foundation
import Plan
import Testing

/// A process of 100 MiB in a control group of 400 MiB, of which 350 MiB are charged, `cache` of them file pages.
private func withProcess(cache: Int, _ check: (String) -> Void) throws {
    let root = FileManager.default.temporaryDirectory.path + "/hone-guard-\(UInt64.random(in: 0...UInt64.max))"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let half = cache << 19
    let files = [
        "proc/self/statm": "90000 \((100 << 20) / Int(sysconf(Int32(_SC_PAGESIZE)))) 300 1 0 400 0\n",
        "proc/self/cgroup": "0::/job\n", "proc/meminfo": "MemTotal: 9000000 kB\nMemAvailable: 4000000 kB\n",
        "sys/fs/cgroup/job/memory.max": "\(400 << 20)\n", "sys/fs/cgroup/job/memory.current": "\(350 << 20)\n",
        "sys/fs/cgroup/job/memory.stat": "anon 1\ninactive_file \(half)\nactive_file \(half)\n",
    ]
    for (path, text) in files {
        let file = root + "/" + path
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: false, encoding: .utf8)
    }
    check(root)
}

@Suite("The memory a process may still take")
struct MemoryGuardTests {
    @Test("the limit of the plan is reached by what is resident, to the byte")
    func limit() throws {
        try withProcess(cache: 200) { root in
            func reached(_ limit: ByteCount?) -> MemoryGuard.Reached? {
                MemoryGuard(limit: limit, reserve: ByteCount(mebibytes: 48), root: root).reached
            }
            let resident = ByteCount(mebibytes: 100)
            #expect(reached(nil) == nil && reached(resident + 1) == nil)
            #expect(reached(resident) == .limit(resident: resident, limit: resident))
        }
    }

    @Test("file pages leave a control group before a process is killed, so they count as room")
    func group() throws {
        for (cache, left) in [(0, 50), (40, 90)] {
            try withProcess(cache: cache) { root in
                func reached(_ reserve: Double) -> MemoryGuard.Reached? {
                    MemoryGuard(limit: nil, reserve: ByteCount(mebibytes: reserve), root: root).reached
                }
                #expect(reached(Double(left)) == nil)
                #expect(reached(Double(left) + 1) == .group(left: ByteCount(mebibytes: Double(left))))
            }
        }
    }

    @Test("a machine without memory is noticed, one that says nothing is not")
    func machine() throws {
        try withProcess(cache: 350) { root in
            try? FileManager.default.removeItem(atPath: root + "/sys")
            let available = ByteCount(4_000_000 * 1024)
            #expect(
                MemoryGuard(limit: nil, reserve: available + 1, root: root).reached == .machine(available: available))
            try? FileManager.default.removeItem(atPath: root + "/proc/meminfo")
            #expect(MemoryGuard(limit: nil, reserve: available + 1, root: root).reached == nil)
        }
    }
}
