import Plan

/// The limits that containers and service managers put on a process (cgroups, versions 1 and 2).
struct ControlGroups {
    let files: SystemFiles
    private let memoryFolders: [String]
    private let processorFolders: [String]
    private let isUnified: Bool

    init(files: SystemFiles) {
        self.files = files
        var unified: String?, memory: String?, processor: String?
        for line in (files.text("proc/self/cgroup") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else { continue }
            let controllers = parts[1].split(separator: ",")
            if parts[0] == "0" && parts[1].isEmpty { unified = parts[2] }
            if controllers.contains("memory") { memory = parts[2] }
            if controllers.contains("cpu") { processor = parts[2] }
        }
        isUnified = memory == nil && unified != nil
        if isUnified {
            memoryFolders = ControlGroups.ancestors(of: unified, below: "sys/fs/cgroup")
            processorFolders = memoryFolders
        } else {
            memoryFolders = ControlGroups.ancestors(of: memory, below: "sys/fs/cgroup/memory")
            processorFolders = ControlGroups.ancestors(of: processor, below: "sys/fs/cgroup/cpu")
        }
    }

    /// Bytes left below the tightest limit on the way up; file pages that can be dropped do not count as used.
    var memoryLeft: ByteCount? { left(droppable: [isUnified ? "inactive_file" : "total_inactive_file"]) }

    /// The same where every file page is dropped before a process is killed.
    var memoryLeftUnderPressure: ByteCount? {
        let prefix = isUnified ? "" : "total_"
        return left(droppable: [prefix + "inactive_file", prefix + "active_file"])
    }

    private func left(droppable: [String]) -> ByteCount? {
        memoryFolders.compactMap { folder -> Int? in
            let limit = files.number(folder + (isUnified ? "/memory.max" : "/memory.limit_in_bytes"))
            // Version 1 writes "no limit" as a number near 2^63.
            guard let limit, limit < 1 << 60 else { return nil }
            let used = files.number(folder + (isUnified ? "/memory.current" : "/memory.usage_in_bytes")) ?? 0
            let unused = droppable.reduce(0) { $0 + (statistic($1, in: folder) ?? 0) }
            return max(0, limit - max(0, used - unused))
        }.min().map { ByteCount($0) }
    }

    /// Whole processors the quota allows, rounded up: 150 % of one processor still keeps two threads busy.
    var processorQuota: Int? {
        processorFolders.compactMap { folder -> Int? in
            var quota: Double?, period: Double?
            if isUnified {
                let words = (files.text(folder + "/cpu.max") ?? "").split { $0.isWhitespace }
                quota = words.first.flatMap { Double($0) }
                period = words.count > 1 ? Double(words[1]) : nil
            } else {
                quota = files.number(folder + "/cpu.cfs_quota_us").map(Double.init)
                period = files.number(folder + "/cpu.cfs_period_us").map(Double.init)
            }
            guard let quota, let period, quota > 0, period > 0 else { return nil }
            return max(1, Int((quota / period).rounded(.up)))
        }.min()
    }

    private func statistic(_ name: String, in folder: String) -> Int? {
        for line in (files.text(folder + "/memory.stat") ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 && words[0] == name { return Int(words[1]) }
        }
        return nil
    }

    /// The group itself and every group above it: limits add up by the tightest one. Inside a container the path may not
    /// exist, and the mounted root carries the container's limit.
    private static func ancestors(of path: String?, below mount: String) -> [String] {
        guard let path else { return [mount] }
        var folders: [String] = []
        var parts = path.split(separator: "/")
        while !parts.isEmpty {
            folders.append(mount + "/" + parts.joined(separator: "/"))
            parts.removeLast()
        }
        return folders + [mount]
    }
}
