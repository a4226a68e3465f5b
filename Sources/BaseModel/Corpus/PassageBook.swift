import Foundation

/// The kinds of invented passages of `passages.txt`: attributes with ways to state and to ask them.
struct PassageBook: Sendable {
    struct Attribute: Sendable {
        var slot: String
        var statements: [String] = []
        /// Answered by the value.
        var questions: [String] = []
        /// Answered by the subject.
        var reversedQuestions: [String] = []
    }

    struct Kind: Sendable {
        var subjectSlot: String
        var attributes: [Attribute]
    }

    let kinds: [Kind]

    init(folder: URL) throws {
        kinds = try SectionedText(folder.appendingPathComponent("passages.txt")).sections.map { section in
            var attributes: [Attribute] = []
            for line in section.lines {
                let content = String(line.dropFirst(2))
                if line.hasPrefix("@ {") {
                    attributes.append(Attribute(slot: String(content.dropFirst().dropLast())))
                    continue
                }
                guard !attributes.isEmpty else { throw CorpusError.badLine(file: "passages.txt", text: line) }
                switch line.prefix(2) {
                case "s ": attributes[attributes.count - 1].statements.append(content)
                case "q ": attributes[attributes.count - 1].questions.append(content)
                case "r ": attributes[attributes.count - 1].reversedQuestions.append(content)
                default: throw CorpusError.badLine(file: "passages.txt", text: line)
                }
            }
            return Kind(
                subjectSlot: section.title.components(separatedBy: " ").last ?? "person", attributes: attributes)
        }
    }
}
