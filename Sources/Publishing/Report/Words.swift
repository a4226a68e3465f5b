package import YAMLText

/// `templates/words.yaml`: what an id is called in a report. An id without words is shown as it is.
package struct Words: Sendable {
    private let words: [String: [String: [String: String]]]

    package init(yaml: String, file: String) throws(YAMLError) {
        var words: [String: [String: [String: String]]] = [:]
        for (section, node) in try YAMLNode.parse(yaml, file: file).map().entries {
            for (id, entry) in try node.map().entries {
                if case .map(let map) = entry {
                    for (key, value) in map.entries {
                        words[section.text, default: [:]][id.text, default: [:]][key.text] = try value.scalar().text
                    }
                } else {
                    words[section.text, default: [:]][id.text] = ["name": try entry.string()]
                }
            }
        }
        self.words = words
    }

    func name(_ section: Section, _ id: String) -> String {
        words[section.rawValue]?[id]?["name"] ?? words[section.rawValue]?[id]?["title"] ?? id.spaced
    }

    /// The sentence for a headline, where the name is what stands in a table.
    func title(_ section: Section, _ id: String) -> String {
        words[section.rawValue]?[id]?["title"] ?? name(section, id)
    }

    func help(_ section: Section, _ id: String) -> String { words[section.rawValue]?[id]?["help"] ?? "" }

    /// The word of GitHub's alert block: `TIP`, `WARNING`, …
    func alert(_ outcome: String) -> String { words[Section.outcomes.rawValue]?[outcome]?["alert"] ?? "NOTE" }

    enum Section: String {
        case verdicts, outcomes, confidence, origins, means, metrics, arms, probes, files, doubts, readiness, signatures,
            shipping, steps, synthetic
        case followUps = "follow_ups"
        case notMeasured = "not_measured"
        case answerForms = "answer_forms"
    }
}

extension String {
    fileprivate var spaced: String { String(map { $0 == "_" ? " " : $0 }) }
}
