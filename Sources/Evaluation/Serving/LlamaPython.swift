import JSONText

/// llama.cpp inside a Python that has `llama_cpp`.
package struct LlamaPython: ServingProgram {
    package let name = "llama.cpp"
    package let version: String
    private let python: String
    private let script: String

    /// Nil where that Python, or `llama_cpp` in it, is not there.
    ///
    /// - Parameter templates: Holds the script it runs.
    package init?(python: String, templates: String) {
        script = templates + "/serving/llama_cpp_answers.py"
        self.python = python
        let program = python.contains("/") ? (python, [script]) : ("/usr/bin/env", [python, script])
        guard let ended = try? ChildProcess(program.0, program.1 + ["--version"]).run(), ended.status == 0,
            let json = try? JSONValue.parse(ended.output), let version = json["version"]?.stringValue
        else { return nil }
        self.version = "llama-cpp-python " + version
    }

    package func answer(
        _ questions: [ServedQuestion], with file: String, limit: Int, threads: Int
    ) throws(ServingError) -> [ServedAnswer] {
        let asked: JSONValue = [
            "file": .string(file), "limit": JSONValue(limit), "threads": JSONValue(threads),
            "questions": .array(
                questions.map { question in
                    [
                        "ids": .array(question.ids.map { JSONValue(Int($0)) }), "text": .string(question.text),
                        "wanted": .array(question.wanted.map { JSONValue(Int($0)) }), "ends": .bool(question.ends),
                    ]
                }),
        ]
        let program = python.contains("/") ? (python, [script]) : ("/usr/bin/env", [python, script])
        let ended: ChildProcess.Ending
        do throws(ChildProcessError) {
            ended = try ChildProcess(program.0, program.1).run(input: asked.text())
        } catch {
            throw .refused(program: name, said: "\(python) cannot be started")
        }
        let lines = ended.output.split(separator: "\n").compactMap { try? JSONValue.parse(String($0)) }
        if let error = lines.last?["error"]?.stringValue { throw .refused(program: name, said: error) }
        guard ended.status == 0, lines.count == questions.count else {
            throw .refused(program: name, said: ended.complaint.last ?? "it ended with code \(ended.status)")
        }
        return lines.map { line in
            ServedAnswer(
                output: .ids(
                    line["ids"]?.arrayValue?.compactMap { $0.intValue.map { Int32(truncatingIfNeeded: $0) } } ?? []),
                ends: line["ends"]?.boolValue ?? false, agreed: line["agreed"]?.intValue,
                cutsEqually: line["cuts_equally"]?.boolValue)
        }
    }
}
