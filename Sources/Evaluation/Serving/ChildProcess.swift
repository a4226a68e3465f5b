import Foundation
import Glibc

/// A program that is given text and answers with text.
struct ChildProcess: Sendable {
    let program: String
    let arguments: [String]
    /// Where it runs; here when nil.
    var folder: String?

    init(_ program: String, _ arguments: [String], in folder: String? = nil) {
        (self.program, self.arguments, self.folder) = (program, arguments, folder)
    }

    struct Ending: Sendable {
        /// The exit code, or 128 and the number of the signal that ended it.
        let status: Int32
        let output: String
        /// The last lines of standard error, without empty ones.
        let complaint: [String]
    }

    /// Runs it to its end. Standard error goes to a file, which no amount of it can block.
    func run(input: String = "") throws(ChildProcessError) -> Ending {
        let log = try ProcessLog(program)
        let process = Process(), given = Pipe(), output = Pipe()
        // Another child that is started meanwhile would hold these open, and this one would seem to go on talking.
        for end in [given, output].flatMap({ [$0.fileHandleForReading, $0.fileHandleForWriting] }) {
            _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        (process.standardInput, process.standardOutput, process.standardError) = (given, output, log.handle)
        do { try process.run() } catch { throw .cannotStart(program: program, reason: "\(error.localizedDescription)") }
        // A program that ends before it has read everything closes the pipe; writing on is then an error and no signal.
        signal(SIGPIPE, SIG_IGN)
        let writer = given.fileHandleForWriting
        Thread.detachNewThread {
            try? writer.write(contentsOf: Data(input.utf8))
            try? writer.close()
        }
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let signalled: Int32 = process.terminationReason == .uncaughtSignal ? 128 : 0
        return Ending(status: signalled + process.terminationStatus, output: said, complaint: log.tail)
    }
}

/// A file for a child's standard error, gone with this value.
final class ProcessLog: Sendable {
    let handle: FileHandle
    private let path: String

    init(_ program: String) throws(ChildProcessError) {
        let path = FileManager.default.temporaryDirectory.path + "/hone-child-" + UUID().uuidString
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw .cannotStart(program: program, reason: "\(path) cannot be written") }
        (self.path, self.handle) = (path, handle)
    }

    var tail: [String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data.suffix(4096), as: UTF8.self).split(separator: "\n").map {
            $0.trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty }.suffix(5).map { $0 }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

enum ChildProcessError: Error, Sendable, Hashable {
    case cannotStart(program: String, reason: String)
}
