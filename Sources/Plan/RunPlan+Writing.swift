import YAMLText

extension RunPlan {
    /// The plan as `plan.yaml`: every value fixed, and behind each one that somebody chose, who and why.
    package var yaml: String {
        var lines = ["# A training plan of hone. `hone check FILE` says whether it fits, `hone train FILE` runs it."]
        var open: [String] = []
        for field in fields where field.value != .nothing {
            let path = field.key.split(separator: ".").map(String.init)
            let sections = Array(path.dropLast())
            let shared = zip(open, sections).prefix { $0 == $1 }.count
            for depth in shared..<sections.count {
                if depth == 0 { lines.append("") }
                lines.append(indent(depth) + sections[depth] + ":")
            }
            if sections.isEmpty && !open.isEmpty { lines.append("") }
            open = sections
            let line = indent(sections.count) + path[path.count - 1] + ": " + field.value.yamlText
            lines.append(origins[field.key].map { line.padded(to: 42) + "  " + PlanComment.text(for: field, origin: $0) } ?? line)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }
}

extension PlanValue {
    /// As a person would say it, without quotes.
    package var plainText: String {
        switch self {
        case .text(let text): text
        case .whole(let value): "\(value)"
        case .number(let value): value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
        case .flag(let value): value ? "true" : "false"
        case .list(let items): items.joined(separator: ", ")
        case .nothing: ""
        }
    }

    var yamlText: String {
        switch self {
        case .text(let text): YAMLScalar.spelling(of: text)
        case .list(let items): "[" + items.map(YAMLScalar.spelling).joined(separator: ", ") + "]"
        case .whole, .number, .flag, .nothing: plainText
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
