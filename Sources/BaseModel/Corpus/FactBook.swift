import Foundation

/// The general-knowledge facts of `facts.txt` with their phrasings, and which phrasings are held out for the probe.
struct FactBook: Sendable {
    struct Fact: Sendable {
        var relation: String
        var subject: String
        var answer: String
        /// Phrasings seen in training, and those only the probe asks.
        var trained: [String]
        var heldOut: [String]
    }

    let facts: [Fact]

    /// Two phrasings per fact are held out, chosen by a hash of subject and phrasing: another fact may train on them,
    /// so the probe measures whether a known fact is found again under wording never seen *with it*.
    init(folder: URL) throws {
        var facts: [Fact] = []
        for section in try SectionedText(folder.appendingPathComponent("facts.txt")).sections {
            let phrasings = section.lines.filter { $0.hasPrefix("? ") }.map { String($0.dropFirst(2)) }
            for line in section.lines where !line.hasPrefix("?") {
                let parts = line.components(separatedBy: " | ")
                guard parts.count == 2 else { throw CorpusError.badLine(file: "facts.txt", text: line) }
                let order = phrasings.sorted { stableHash(parts[0] + $0) < stableHash(parts[0] + $1) }
                    .map { $0.replacingOccurrences(of: "{a}", with: parts[0]).capitalizedFirst }
                facts.append(
                    Fact(
                        relation: section.title, subject: parts[0], answer: parts[1],
                        trained: Array(order.dropFirst(2)), heldOut: Array(order.prefix(2))))
            }
        }
        self.facts = facts
    }
}

/// What is wrong with the generator's own text files.
enum CorpusError: Error {
    case badLine(file: String, text: String)
}
