import FileStore
import Foundation
import ModelFiles
import Plan

/// Somebody asked for a stop while training waited for room on the disk.
struct StoppedWhileWaiting: Error {}

extension Trainer {
    /// Writes something, and where the disk has no room for it waits, in growing intervals, until it has.
    ///
    /// Nothing is trained meanwhile, so nothing is lost. What is written must be a whole that can be written again.
    /// - Throws: `StoppedWhileWaiting`.
    func withRoom(for what: String, _ write: () throws -> Void) throws {
        guard let limits else { return try write() }
        var interval = limits.diskRetryFirst, waited = 0.0
        while true {
            do {
                try write()
                break
            } catch {
                guard error.isFullDisk else { throw error }
                if waited == 0 { tellOfFullDisk(what, firstTry: interval) }
            }
            try pause(interval)
            waited += interval
            interval = min(limits.diskRetryLongest, interval * limits.diskRetryFactor)
        }
        guard waited > 0 else { return }
        secondsPaused += waited
        try say(.warning(id: "disk_has_room", text: "there is room again after \(Int(waited.rounded(.up))) s: \(what)"))
    }

    /// The event log keeps room of its own for this; where it has none either, the wait goes unsaid.
    private func tellOfFullDisk(_ what: String, firstTry: Double) {
        let free = store.freeSpace(at: run.path).map { ", \(ByteCount($0).rounded) are free" } ?? ""
        try? report(
            .warning(
                id: "disk_full",
                text:
                    "the disk of \(run.path) is full\(free): \(what) waits. Training is paused and loses nothing; it tries "
                    + "again in \(Int(firstTry.rounded(.up))) s, then ever more seldom. Make room, or stop with Ctrl-C")
        )
    }

    private func pause(_ seconds: Double) throws {
        let end = ContinuousClock().now + .seconds(seconds)
        while ContinuousClock().now < end {
            if shouldStop() { throw StoppedWhileWaiting() }
            Thread.sleep(forTimeInterval: min(0.1, seconds))
        }
    }
}

extension Error {
    /// The disk, or the share of it this person may use, is full.
    fileprivate var isFullDisk: Bool {
        switch self as any Error {
        case FileStoreError.failed(_, _, let number), ModelFileError.file(.failed(_, _, let number)):
            number == ENOSPC || number == EDQUOT
        default: false
        }
    }
}
