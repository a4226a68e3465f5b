import FoundationEssentials
import JSONText
package import Plan
import Subprocess

/// The script of an engine that answers held-out rows, as a child process.
package struct EngineAsking: Sendable {
    /// What answers: `generate.py` begins, the others are its parts.
    package static let scripts = [
        "generate.py", "with_transformers.py", "with_vllm.py", "model.py", "failures.py", "run_folder.py",
    ]

    private let python: String
    private let run: RunFolder

    package init(python: String, run: RunFolder) {
        self.python = python
        self.run = run
    }

    /// Runs it to its end; the answers lie in the engine's folder then.
    ///
    /// - Parameter report: Told the arm, how many rows are done and how many there are.
    /// - Returns: What answered: `transformers 5.23.0`.
    package func ask(report: @escaping @Sendable (_ arm: String, _ done: Int, _ of: Int) -> Void)
        async throws(LaunchError) -> String
    {
        let said: (status: TerminationStatus, error: JSONValue?, program: String?)
        do {
            let result = try await Subprocess.run(
                Executable(typed: python), arguments: Arguments([run.engine + "/generate.py"]), input: .none,
                output: .sequence,
                error: .discarded
            ) { execution in
                var error: JSONValue?, program: String?
                for try await line in execution.standardOutput.strings() {
                    let words = line.split { $0 == " " || $0 == "\n" }
                    if words.count == 3, let done = Int(words[1]), let total = Int(words[2]) {
                        report(String(words[0]), done, total)
                    } else if let value = try? JSONValue.parse(line) {
                        if value["error"] != nil { error = value }
                        if let name = value["program"]?.stringValue { program = name }
                    }
                }
                return (error, program)
            }
            said = (result.terminationStatus, result.closureResult.0, result.closureResult.1)
        } catch {
            throw .noPython(path: python)
        }
        if let error = said.error {
            throw .asking(error: error["error"]?.stringValue ?? "", hint: error["hint"]?.stringValue)
        }
        guard said.status.isSuccess else {
            throw .asking(error: EngineLog.tail(of: run.engineLog).last ?? "it ended without a word", hint: nil)
        }
        return said.program ?? ""
    }
}
