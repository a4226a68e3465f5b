import Feasibility
import Plan

extension Trainer {
    /// Asked after every micro-batch, and answered from a look that is at most a few hundredths of a second old.
    func hasMemory() -> Bool {
        guard let memory, lastMemoryLook.map({ $0.duration(to: .now) > .milliseconds(50) }) ?? true else { return true }
        lastMemoryLook = .now
        memoryReached = memory.reached
        return memoryReached == nil
    }

    /// Saves what was trained so far and stops, before the kernel ends this process.
    func stopForMemory() throws -> RunFinish {
        if let memoryReached { try say(.warning(id: "memory_limit", text: memoryReached.words)) }
        try saveCheckpoint()
        return try finish(.memoryLimit)
    }
}

extension MemoryGuard.Reached {
    fileprivate var words: String {
        switch self {
        case .limit(let resident, let limit):
            "memory: \(resident.rounded) are in use, `training.memory_limit` is \(limit.rounded); saving and stopping"
        case .group(let left):
            "memory: the control group of this process has \(left.rounded) left; saving and stopping"
        case .machine(let available):
            "memory: this machine has \(available.rounded) left; saving and stopping"
        }
    }
}
