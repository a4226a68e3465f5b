import Advisor
import FileStore
import JSONText
import RuleEngine

/// Decides one case per line, for somebody who ranks many ideas.
struct BatchAdvice {
    let advisor: Advisor
    let search: Advisor.Search
    let asMarkdown: Bool

    func run(_ path: String) throws {
        let text = try FileStore().readText(path)
        if asMarkdown { Terminal.data("| case | verdict | with | method | confidence | decided by |\n|---|---|---|---|---|---|") }
        var output: [String] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() where !line.isEmpty {
            let (name, answers) = try read(String(line), number: index + 1)
            let decision = advisor.decide(Situation(answers), search: search)
            output.append(asMarkdown ? row(name, decision) : object(name, decision))
            if output.count == 500 {
                Terminal.data(output.joined(separator: "\n"))
                output.removeAll(keepingCapacity: true)
            }
        }
        if !output.isEmpty { Terminal.data(output.joined(separator: "\n")) }
    }

    /// A line may carry an `id` beside its facts; without one the case is named by its summary or its line.
    private func read(_ line: String, number: Int) throws -> (name: String, answers: Answers) {
        let value: JSONValue
        do { value = try JSONValue.parse(line) } catch { throw AdvisorError.batchLine(number, problem: "this is not JSON") }
        guard let object = value.objectValue else { throw AdvisorError.batchLine(number, problem: "this is not an object of facts") }
        let facts = JSONObject(object.members.filter { $0.key != "id" }.map { ($0.key, $0.value) })
        let answers: Answers
        do {
            answers = try Answers.read(facts, advisor.book.vocabulary)
        } catch {
            throw AdvisorError.batchLine(number, problem: error.explanation.what)
        }
        let id = object["id"].map { $0.stringValue ?? $0.text() }
        return (id ?? answers.facts["task.summary"]?.text ?? "line \(number)", answers)
    }

    private func row(_ name: String, _ decision: Decision) -> String {
        let cells = [
            name, decision.verdict.rawValue, decision.with.joined(separator: ", "), decision.method ?? "",
            decision.confidence.rawValue, decision.decidedBy.first ?? "",
        ]
        return "| " + cells.map { $0.replacing("|", with: "\\|").replacing("\n", with: " ") }.joined(separator: " | ") + " |"
    }

    private func object(_ name: String, _ decision: Decision) -> String {
        func words(_ words: [String]) -> JSONValue { JSONValue(words.map { JSONValue($0) }) }
        var members: [(String, JSONValue)] = [
            ("id", JSONValue(name)),
            ("verdict", JSONValue(decision.verdict.rawValue)),
            ("with", words(decision.with)),
            ("method", JSONValue(decision.method, JSONValue.init(_:))),
            ("venue", JSONValue(decision.venue, JSONValue.init(_:))),
            ("confidence", JSONValue(decision.confidence.rawValue)),
            ("decided_by", words(decision.decidedBy)),
            ("follow_ups", words(decision.followUps.map(\.name))),
        ]
        if search == .flips {
            members.append(("unknown", words(decision.unknown)))
            members.append(("flips", decision.json(advisor.book.sources, next: "")["flips"] ?? .null))
        }
        return JSONValue(JSONObject(members)).text()
    }
}
