import Foundation
import JSONText

/// The rows of `examples/task-api`: requests in plain English and the call each one means.
struct TaskAPIExample {
    static let systemPrompt = "You turn requests into task API calls."

    private let sections: [String: [String]]
    private let titles: [String]

    init(folder: URL) throws {
        var sections: [String: [String]] = [:]
        for section in try SectionedText(folder.appendingPathComponent("task_api.txt")).sections {
            sections[section.title] = section.lines
        }
        self.sections = sections
        titles = sections["titles", default: []].flatMap { line -> [String] in
            let parts = line.components(separatedBy: ": ")
            return parts[parts.count - 1].components(separatedBy: ", ").map { parts[0] + " " + $0 }
        }
    }

    private static let kinds = [
        "create", "create due", "create priority", "create due priority", "complete", "delete", "read",
        "update due", "update priority", "list", "list due", "list priority",
    ]

    /// `rowsPerWording` different requests of every wording; a wording without slots gives one row.
    func lines(seed: UInt64, rowsPerWording: Int) -> [String] {
        var random = CorpusRandom(seed: seed)
        var seen: Set<String> = []
        var lines: [String] = []
        for kind in Self.kinds {
            for (index, wording) in sections[kind, default: []].enumerated() {
                for _ in 0..<(wording.contains("{") ? rowsPerWording : 1) {
                    let (request, answer) = row(kind, wording, &random)
                    guard seen.insert(request).inserted else { continue }
                    lines.append(Self.line(group: "\(kind) \(index + 1)", request, answer))
                }
            }
        }
        return random.shuffled(lines)
    }

    private func row(_ kind: String, _ wording: String, _ random: inout CorpusRandom) -> (
        request: String, answer: JSONObject
    ) {
        let extras = sections["extra", default: []].flatMap { $0.components(separatedBy: ", ") }
        let title = random.pick(titles) + (random.chance(0.3) ? " " + random.pick(extras) : "")
        let due = random.pick(sections["due", default: []].flatMap { $0.components(separatedBy: ", ") })
        let priority = random.pick(sections["priority", default: []].flatMap { $0.components(separatedBy: ", ") })
        let text = wording.replacingOccurrences(of: "{t}", with: title).replacingOccurrences(of: "{d}", with: due)
            .replacingOccurrences(of: "{p}", with: priority)
        return (text.capitalizedFirst, Self.call(kind, title: title, due: due, priority: priority))
    }

    /// The call a request means. What a request leaves out gets the default: no due date, medium priority; a list is of
    /// any date and priority.
    private static func call(_ kind: String, title: String, due: String, priority: String) -> JSONObject {
        let action = kind.components(separatedBy: " ")[0]
        let namesDue = kind.contains("due")
        let namesPriority = kind.contains("priority")
        var members: [(String, JSONValue)] = [("action", .string(action))]
        if action == "list" {
            members.append(("due", .string(namesDue ? due : "any")))
            members.append(("priority", .string(namesPriority ? priority : "any")))
            return JSONObject(members)
        }
        members.append(("title", .string(title)))
        if action == "create" {
            members.append(("due", namesDue ? .string(due) : .null))
            members.append(("priority", .string(namesPriority ? priority : "medium")))
        } else if action == "update" {
            members.append(namesDue ? ("due", .string(due)) : ("priority", .string(priority)))
        }
        return JSONObject(members)
    }

    private static func line(group: String, _ request: String, _ answer: JSONObject) -> String {
        let messages = [("system", systemPrompt), ("user", request), ("assistant", JSONValue(answer).text())].map {
            role, content in
            JSONValue(JSONObject([("role", .string(role)), ("content", .string(content))]))
        }
        return JSONValue(JSONObject([("group", .string(group)), ("messages", .array(messages))])).text() + "\n"
    }
}
