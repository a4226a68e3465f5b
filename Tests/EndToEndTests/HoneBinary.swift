import Foundation
import Subprocess
import SystemPackage

/// The built program, run as a person would run it.
enum HoneBinary {
    struct Result {
        let code: Int32
        let output: String
        let talk: String
    }

    /// It lies beside the test runner in the build folder.
    static let path: String = {
        let runner = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        return String(runner[..<(runner.lastIndex(of: "/") ?? runner.endIndex)]) + "/hone"
    }()

    /// The checkout: examples, rules and the embedded model.
    static let home: String = {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/")
    }()

    /// The embedded model's weights are there; a checkout in which it is being made anew has none.
    static var hasPracticeModel: Bool {
        FileManager.default.fileExists(atPath: home + "/models/base/model.safetensors")
    }

    static func run(_ arguments: String..., in folder: String = home) async throws -> Result {
        try await run(program: path, arguments, in: folder)
    }

    /// A line of shell in which `$HONE` is the program.
    static func shell(_ script: String, in folder: String) async throws -> Result {
        try await run(program: "/bin/bash", ["-c", script], in: folder)
    }

    private static func run(program: String, _ arguments: [String], in folder: String) async throws -> Result {
        let environment = Environment.inherit.updating(["HONE": path, "HONE_HOME": home, "NO_COLOR": "1"])
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), environment: environment,
            workingDirectory: FilePath(folder), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let code: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Result(code: code, output: result.standardOutput, talk: result.standardError)
    }
}

/// An empty folder that is removed afterwards.
func withEmptyFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/hone-e2e-\(UInt64.random(in: 0...UInt64.max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
}
