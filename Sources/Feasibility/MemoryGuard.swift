import Glibc
package import Plan

/// Whether this process may grow further: asked while it works, so that it stops by itself before the kernel stops it.
package struct MemoryGuard: Sendable {
    private let limit: ByteCount?
    private let reserve: ByteCount
    private let files: SystemFiles
    private let groups: ControlGroups

    /// - Parameters:
    ///   - limit: The most that may be resident; nil where nobody set one.
    ///   - reserve: What must stay free in every control group above this process, and on the machine.
    package init(limit: ByteCount?, reserve: ByteCount, root: String = "/") {
        self.limit = limit
        self.reserve = reserve
        files = SystemFiles(root: root)
        groups = ControlGroups(files: files)
    }

    /// Which bound is reached.
    package enum Reached: Sendable, Hashable {
        case limit(resident: ByteCount, limit: ByteCount)
        /// What the control group has left when its file pages are dropped.
        case group(left: ByteCount)
        case machine(available: ByteCount)
    }

    /// The bound that is reached; nil while there is room, or where nothing can be read.
    package var reached: Reached? {
        if let limit, let resident, resident >= limit { return .limit(resident: resident, limit: limit) }
        if let left = groups.memoryLeftUnderPressure, left < reserve { return .group(left: left) }
        if let available = MachineProfile.available(files), available < reserve {
            return .machine(available: available)
        }
        return nil
    }

    /// Bytes of this process in memory now.
    private var resident: ByteCount? {
        let pages = files.text("proc/self/statm")?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return pages.map { ByteCount($0 * Int(sysconf(Int32(_SC_PAGESIZE)))) }
    }
}
