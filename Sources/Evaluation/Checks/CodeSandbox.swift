import Datasets
import Foundation
import JSONText

/// Tests of a row whose answer is code: its `tests` member, run after the answer. The language is Python unless `language`
/// says `bash`.
struct CodeTask: Sendable, Hashable {
    enum Language: String, Sendable, Hashable { case python, bash }

    let tests: String
    let language: Language

    init?(_ example: Example) {
        guard let tests = example.metadata?["tests"]?.stringValue, !tests.isEmpty,
            let language = Language(rawValue: example.metadata?["language"]?.stringValue ?? "python")
        else { return nil }
        self.tests = tests
        self.language = language
    }
}

/// Runs code a model wrote: a process of its own in an empty folder, with little time, memory, processes and disk, an empty
/// environment, and without a network where the kernel lets us take it away.
///
/// This keeps an answer that goes wrong from doing harm by accident. It is no prison for an attacker: run it in a container
/// or a virtual machine where that matters.
package struct CodeSandbox: Sendable {
    package var seconds = 10
    package var memoryMiB = 1024
    /// Whether programs run without a network; false where user namespaces are not allowed.
    package let hasNoNetwork: Bool
    private let prefix: [String]

    package init() {
        let namespaces = ["/usr/bin/unshare", "--map-root-user", "--user", "--net", "--"]
        hasNoNetwork = Self.run(namespaces + ["/bin/true"], in: "/", seconds: 5)
        prefix = hasNoNetwork ? namespaces : []
    }

    func passes(_ task: CodeTask, _ answer: String) -> Bool {
        let folder = NSTemporaryDirectory() + "/hone-code-" + UUID().uuidString
        guard (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)) != nil else {
            return false
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // A program that ends before its tests is not one that passes them: their end leaves a file of a name nobody knows.
        let end = UUID().uuidString
        let last = task.language == .python ? "open('\(end)', 'w').close()" : "set +e; : > \(end)"
        let strict = task.language == .bash ? "set -e\n" : ""
        let program = Self.code(in: answer) + "\n\n" + strict + task.tests + "\n" + last + "\n"
        let file = folder + "/answer"
        guard FileManager.default.createFile(atPath: file, contents: Data(program.utf8)) else { return false }
        let interpreter = task.language == .python ? "/usr/bin/env python3 -I -B" : "/bin/bash --noprofile --norc"
        let limits =
            "ulimit -t \(seconds) -v \(memoryMiB * 1024) -f 4096 -n 64 -c 0; ulimit -u 256 2>/dev/null; "
            + "cd \"$1\" && exec \(interpreter) answer"
        let command = prefix + ["/bin/bash", "--noprofile", "--norc", "-c", limits, "bash", folder]
        return Self.run(command, in: folder, seconds: seconds + 2)
            && FileManager.default.fileExists(atPath: folder + "/" + end)
    }

    /// The first code fence, else the whole answer.
    static func code(in answer: String) -> String {
        guard let open = answer.range(of: "```") else { return answer }
        let rest = answer[open.upperBound...].drop { !$0.isNewline }.dropFirst()
        return String(rest.range(of: "```").map { rest[..<$0.lowerBound] } ?? rest)
    }

    /// True where the command ended by itself with 0. `timeout` ends it and what it started.
    private static func run(_ command: [String], in folder: String, seconds: Int) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "-i", "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + folder, "LANG=C.UTF-8", "timeout", "--kill-after=1",
            String(seconds),
        ] + command
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationReason == .exit && process.terminationStatus == 0
    }
}
