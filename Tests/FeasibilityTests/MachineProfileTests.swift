import Feasibility
import FoundationEssentials
import Plan
import Testing

/// A folder that looks like `/` as far as the probe reads it.
private func withMachine(_ files: [String: String], _ check: (MachineProfile) -> Void) throws {
    let root = FileManager.default.temporaryDirectory.path + "/hone-machine-\(UInt64.random(in: 0...UInt64.max))"
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (path, text) in files {
        let file = root + "/" + path
        let folder = String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: false, encoding: .utf8)
    }
    check(MachineProfile.probe(root: root, folder: root))
}

private let laptop = [
    "proc/cpuinfo": "processor\t: 0\nmodel name\t: Example CPU\nflags\t\t: fpu sse avx2 avx512f avx512_bf16\n",
    "proc/meminfo": "MemTotal:       16000000 kB\nMemFree: 5 kB\nMemAvailable:    8000000 kB\n",
    "proc/self/status": "Name:\thone\nVmHWM:\t    2048 kB\nCpus_allowed_list:\t0-3,8\n",
    "sys/devices/system/cpu/online": "0-15\n",
]

@Suite("Machine profile")
struct MachineProfileTests {
    @Test("processors, instruction sets and memory are read from the kernel's files")
    func plainMachine() throws {
        try withMachine(laptop) { machine in
            #expect(machine.processor == "Example CPU" && machine.cores == 5)
            #expect(machine.instructionSets == ["avx2", "avx512f", "avx512_bf16"])
            #expect(machine.totalMemory == ByteCount(16_000_000 * 1024))
            #expect(machine.freeMemory == ByteCount(8_000_000 * 1024))
            #expect(machine.groupMemoryLeft == nil && machine.freeDisk != nil)
        }
    }

    @Test("a container's limits count, file cache excepted")
    func unifiedGroups() throws {
        var files = laptop
        files["proc/self/cgroup"] = "0::/a/b\n"
        files["sys/fs/cgroup/a/memory.max"] = "1000000\n"
        files["sys/fs/cgroup/a/memory.current"] = "600000\n"
        files["sys/fs/cgroup/a/memory.stat"] = "anon 5\ninactive_file 100000\n"
        files["sys/fs/cgroup/a/b/memory.max"] = "max\n"
        files["sys/fs/cgroup/a/b/cpu.max"] = "150000 100000\n"
        try withMachine(files) { machine in
            #expect(machine.groupMemoryLeft == 500_000 && machine.freeMemory == 500_000)
            #expect(machine.cores == 2)
        }
    }

    @Test("older groups are honoured and their way of saying \"no limit\" is known")
    func olderGroups() throws {
        var files = laptop
        files["proc/self/cgroup"] = "4:memory:/box\n1:cpu,cpuacct:/box\n0::/\n"
        files["sys/fs/cgroup/memory/box/memory.limit_in_bytes"] = "9223372036854771712\n"
        files["sys/fs/cgroup/memory/memory.limit_in_bytes"] = "3000000\n"
        files["sys/fs/cgroup/memory/memory.usage_in_bytes"] = "1000000\n"
        files["sys/fs/cgroup/cpu/box/cpu.cfs_quota_us"] = "-1\n"
        files["sys/fs/cgroup/cpu/box/cpu.cfs_period_us"] = "100000\n"
        try withMachine(files) { machine in
            #expect(machine.groupMemoryLeft == 2_000_000 && machine.cores == 5)
        }
    }

    @Test("a machine without these files is unknown, not imagined")
    func nothingToRead() throws {
        try withMachine(["empty": ""]) { machine in
            #expect(machine.cores >= 1 && machine.freeMemory == nil && machine.instructionSets.isEmpty)
        }
    }

    @Test("this process has a peak")
    func ownPeak() throws {
        #expect(try #require(MachineProfile.peakResidentMemory()).bytes > 1 << 20)
    }
}
