import Datasets
import Foundation
import JSONText
import RuleEngine
import Testing

/// Small files, each broken in one way; `Tests/Zoo/make_zoo.py` wrote them and says what is wrong where.
@Suite("The zoo of broken files")
struct ZooTests {
    struct Animal {
        let file: String
        let finding: String?
        let line: Int?
        let severity: String?
        let error: String?
        let isClean: Bool
        let rows: Int?
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path

    static func animals() throws -> [Animal] {
        try String(contentsOfFile: root + "/Zoo/expected.jsonl", encoding: .utf8).split(separator: "\n").map { line in
            let value = try JSONValue.parse(String(line))
            return Animal(
                file: try #require(value["file"]?.stringValue), finding: value["finding"]?.stringValue,
                line: value["line"]?.intValue, severity: value["severity"]?.stringValue,
                error: value["error"]?.stringValue, isClean: value["clean"]?.boolValue ?? false,
                rows: value["rows"]?.intValue)
        }
    }

    static func profile(_ file: String) throws -> DatasetProfile {
        let dataset = try DatasetReader().read(paths: [root + "/Zoo/" + file])
        return try DatasetAudit(book: AuditTests.book.get()).profile(dataset)
    }

    /// What was said instead of what had to be said; nil when the defect is named on its line.
    static func miss(_ animal: Animal) -> String? {
        do {
            let profile = try profile(animal.file)
            guard profile.read == profile.kept + profile.dropped else { return "rows were lost" }
            guard let finding = profile.findings.first(where: { $0.check.rawValue == animal.finding }) else {
                return "found " + profile.findings.map(\.check.rawValue).joined(separator: ", ")
            }
            if let line = animal.line, !finding.examples.contains(where: { $0.place.line == line }) {
                return "on lines \(finding.examples.map(\.place.line))"
            }
            if let severity = animal.severity, finding.severity.rawValue != severity {
                return finding.severity.rawValue
            }
            return nil
        } catch {
            guard let wanted = animal.error else { return "\(error)" }
            return "\(error)".hasPrefix(wanted) ? nil : "\(error)"
        }
    }

    @Test("At least 95 % of sixty and more broken files are named, each on its line")
    func broken() throws {
        let broken = try Self.animals().filter { !$0.isClean }
        let misses = broken.compactMap { animal in Self.miss(animal).map { "\(animal.file): \($0)" } }
        #expect(broken.count >= 60)
        #expect(20 * misses.count <= broken.count, "\(misses.joined(separator: "\n"))")
    }

    @Test("The two mistakes of published samples are found: a Python dict for JSON, and an object over several lines")
    func publishedMistakes() throws {
        for animal in try Self.animals() where animal.file.hasPrefix("a64b") || animal.file.hasPrefix("c21") {
            #expect(Self.miss(animal) == nil, "\(animal.file)")
        }
    }

    @Test("Odd files with nothing wrong are read whole and show no error")
    func clean() throws {
        for animal in try Self.animals().filter(\.isClean) {
            let profile = try Self.profile(animal.file)
            #expect(profile.kept == animal.rows, "\(animal.file)")
            #expect(profile.worst ?? .info < .warning, "\(animal.file): \(profile.findings.map(\.check))")
        }
    }
}
