internal import Glibc
internal import Synchronization

/// Lets one operation of a store go wrong, in the ways in which machines go wrong; for tests.
///
/// Operations that change something are counted from 0 in the order they are asked for. A first run without a fault says
/// how many there are, then each of them in turn can be hit.
package final class FaultInjector: Sendable {
    package enum Fault: Sendable, Hashable, CaseIterable {
        /// The disk has no room for this one operation, and the program goes on.
        case refusal
        /// The same, but a write gets some of its bytes onto the disk.
        case tear
        /// The process ends before the operation: nothing comes after it, cleaning up neither.
        case kill
        /// The process ends inside the operation: a write has got some of its bytes into the file.
        case killInside
        /// As `kill`, and the machine loses its power: of what was not synced, content is torn, new names are gone and
        /// replaced ones stand for what they stood for before.
        case powerCut
    }

    private struct State {
        var count = 0
        var isOver = false
        /// Bytes that survive, of files with newer ones; by inode, because names change.
        var durableSizes: [UInt64: Int] = [:]
        /// Names whose folder was not synced since they were made, with a second name of the file they replaced.
        var newNames: [String: String?] = [:]
    }

    private let state = Mutex(State())
    private let fault: Fault?
    private let target: Int
    private let root: String
    /// Does what the tested store must not be asked for.
    private let plain = FileStore()

    /// - Parameters:
    ///   - fault: Nil only counts.
    ///   - target: The operation it hits.
    ///   - root: Everything that is written lies in this folder.
    package init(_ fault: Fault? = nil, at target: Int = 0, in root: String) {
        self.fault = fault
        self.target = target
        self.root = root
    }

    /// A store whose operations are counted and hit here.
    package var store: FileStore { FileStore { [self] operation, path in answer(operation, path) } }

    /// Operations asked for so far.
    package var count: Int { state.withLock { $0.count } }

    private func answer(_ operation: FileOperation, _ path: String) -> FileFault? {
        state.withLock { state in
            defer { state.count += 1 }
            if state.isOver { return .fail(errno: EIO) }
            guard state.count == target, let fault else {
                if fault == .powerCut { remember(operation, path, in: &state) }
                return nil
            }
            switch fault {
            case .refusal: return .fail(errno: ENOSPC)
            case .tear: return .tear(bytes: 7, errno: ENOSPC)
            case .kill: state.isOver = true
            case .killInside:
                state.isOver = true
                return .tear(bytes: 7, errno: EIO)
            case .powerCut:
                state.isOver = true
                loseWhatIsNotDurable(state)
            }
            return .fail(errno: EIO)
        }
    }

    /// What an operation that is about to happen leaves unsettled, or settles.
    private func remember(_ operation: FileOperation, _ path: String, in state: inout State) {
        switch operation {
        case .open, .createFolder:
            if !plain.exists(path) { state.newNames[path] = .some(nil) }
        case .write:
            guard let file = status(of: path), state.durableSizes[file.inode] == nil else { return }
            state.durableSizes[file.inode] = file.size
        case .sync:
            if let file = status(of: path) { state.durableSizes[file.inode] = nil }
        case .rename:
            guard state.newNames[path] == nil else { return }
            let before = root + "/.before-\(state.count)"
            state.newNames[path] = .some(link(path, before) == 0 ? before : nil)
        case .syncFolder:
            for (name, before) in state.newNames where FileStore.folder(of: name) == path {
                if let before { unlink(before) }
                state.newNames[name] = nil
            }
        case .remove, .read, .list, .map, .inspect: break
        }
    }

    private func loseWhatIsNotDurable(_ state: State) {
        tearContent(of: root, state)
        for (name, before) in state.newNames {
            try? plain.remove(name)
            if let before { Glibc.rename(before, name) }
        }
    }

    private func tearContent(of folder: String, _ state: State) {
        for name in (try? plain.list(folder)) ?? [] {
            let path = folder + "/" + name
            if plain.isFolder(path) {
                tearContent(of: path, state)
            } else if let file = status(of: path), let durable = state.durableSizes[file.inode] {
                truncate(path, durable + (file.size - durable) / 2)
            }
        }
    }

    private func status(of path: String) -> (inode: UInt64, size: Int)? {
        var status = stat()
        return stat(path, &status) == 0 ? (UInt64(status.st_ino), Int(status.st_size)) : nil
    }
}
