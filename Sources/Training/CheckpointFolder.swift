internal import FileStore
internal import Plan

/// The checkpoints of a run: `checkpoints/step-000120`, newest last.
struct CheckpointFolder {
    let run: RunFolder
    let store: FileStore

    private static let prefix = "step-"

    /// Steps that have a folder, oldest first, whether or not it is whole.
    func steps() throws(FileStoreError) -> [Int] {
        guard store.isFolder(run.checkpoints) else { return [] }
        return try store.list(run.checkpoints).compactMap {
            $0.hasPrefix(Self.prefix) ? Int($0.dropFirst(Self.prefix.count)) : nil
        }.sorted()
    }

    /// The newest checkpoint that is whole; those that are not are reported and passed over. Nil when none is.
    func newest(passingOver report: (CheckpointError) throws -> Void) throws -> Checkpoint? {
        for step in try steps().reversed() {
            do {
                return try Checkpoint(path: run.checkpoint(GlobalStep(step)), store: store)
            } catch let error as CheckpointError {
                try report(error)
            }
        }
        return nil
    }

    /// Removes what an interrupted write left behind.
    func removePartial() throws(FileStoreError) {
        guard store.isFolder(run.checkpoints) else { return }
        for name in try store.list(run.checkpoints) where name.hasSuffix(".partial") {
            try store.remove(run.checkpoints + "/" + name)
        }
    }

    /// Removes the oldest beyond `limit`, but never the newest and never the one at `best`.
    func prune(limit: Int?, keeping best: Int?) throws(FileStoreError) {
        guard let limit else { return }
        var steps = try steps()
        while steps.count > max(1, limit), let oldest = steps.dropLast().first(where: { $0 != best }) {
            try store.remove(run.checkpoint(GlobalStep(oldest)))
            steps.removeAll { $0 == oldest }
        }
    }

    /// Removes the checkpoints after `step`: a run that went back must not find them again.
    func removeAll(after step: Int) throws(FileStoreError) {
        for later in try steps() where later > step { try store.remove(run.checkpoint(GlobalStep(later))) }
    }
}
