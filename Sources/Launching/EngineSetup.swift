import Subprocess

/// Makes the virtual environment an engine runs in.
package struct EngineSetup: Sendable {
    private let python: String
    private let folder: String
    private let requirements: [String]

    package init(python: String, folder: String, requirements: [String]) {
        self.python = python
        self.folder = folder
        self.requirements = requirements
    }

    /// - Parameter report: Told each step before it is taken.
    package func run(report: (String) -> Void) async throws(LaunchError) {
        try await step("python -m venv", python, ["-m", "venv", folder], report)
        let files = requirements.flatMap { ["--requirement", $0] }
        try await step(
            "pip install", folder + "/bin/python",
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + files, report)
    }

    private func step(
        _ name: String, _ program: String, _ arguments: [String], _ report: (String) -> Void
    ) async throws(LaunchError) {
        report(name)
        let status: TerminationStatus, log: String
        do {
            let result = try await Subprocess.run(
                Executable(typed: program), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20))
            status = result.terminationStatus
            log = result.standardOutput + "\n" + result.standardError
        } catch {
            throw .noPython(path: program)
        }
        guard status.isSuccess else {
            throw .setupFailed(step: name, log: log.split(separator: "\n").suffix(5).map(String.init))
        }
    }
}
