import Datasets
import Foundation
import JSONText
import Plan
import Testing

/// What other tools say, as `Tests/Oracles/audit/make_vectors.py` wrote it down.
@Suite("The audit beside other tools")
struct AuditOracleTests {
    private static let folder = ZooTests.root + "/Oracles/audit/"

    private static func text(_ name: String) throws -> String { try String(contentsOfFile: folder + name, encoding: .utf8) }

    private static func lines(_ name: String) throws -> [JSONValue] {
        try text(name).split(separator: "\n").map { try JSONValue.parse(String($0)) }
    }

    /// - Returns: Whether the row was kept, and whether anything was said about its spelling.
    private func read(_ row: Data) throws -> (isKept: Bool, isNamed: Bool) {
        let path = NSTemporaryDirectory() + "hone-row-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sound = Data(#"{"prompt":"another","completion":"answer"}"#.utf8)
        try (row + Data("\n".utf8) + sound + Data("\n".utf8)).write(to: URL(fileURLWithPath: path))
        let profile = try DatasetAudit(book: AuditTests.book.get()).profile(try DatasetReader().read(paths: [path]))
        let spelling: Set<AuditCheck> = [
            .notJSON, .byteOrderMark, .objectsOverLines, .brokenArray, .duplicateKeys, .unboundedNumber,
        ]
        return (profile.kept > 1, profile.findings.contains { spelling.contains($0.check) })
    }

    @Test("keeps every row that Python's and a strict parser take, and says something about every other")
    func parsing() throws {
        let rows = try Self.lines("json_rows.jsonl")
        #expect(rows.count >= 24)
        for row in rows {
            let name = row["name"]?.stringValue ?? ""
            let bytes = try #require(row["row"]?.stringValue.flatMap { Data(base64Encoded: $0) })
            let verdict = try read(bytes)
            if row["json"]?.boolValue == true, row["orjson"]?.boolValue == true {
                #expect(verdict.isKept, "\(name)")
            } else {
                #expect(verdict.isNamed, "\(name)")
            }
        }
    }

    @Test("finds cards, account and social security numbers where Presidio finds them, and no others")
    func personalData() throws {
        for row in try Self.lines("personal_data.jsonl") {
            let text = try #require(row["text"]?.stringValue)
            let kinds: Set<PersonalData.Kind> = [.card, .iban, .ssn]
            let found = PersonalData.hits(in: text).filter { kinds.contains($0.kind) }.map { hit in
                "\(hit.kind.rawValue) \(hit.range.lowerBound) \(hit.range.upperBound)"
            }
            let wanted = (row["spans"]?.arrayValue ?? []).map { span in
                (span.arrayValue ?? []).map { $0.stringValue ?? String($0.intValue ?? -1) }.joined(separator: " ")
            }
            #expect(found == wanted, "\(text)")
        }
    }

    @Test("counts as many copies as pandas, whatever the order of the keys")
    func copies() throws {
        let profile = try AuditTests.profile(try Self.text("copies.jsonl").split(separator: "\n").map(String.init))
        let levels: Set<AuditCheck> = [.identicalRows, .sameConversation]
        let copies = profile.findings.filter { levels.contains($0.check) }.reduce(0) { $0 + $1.count }
        #expect(try JSONValue.parse(Self.text("copies.json"))["duplicated"]?.intValue == copies)
    }

    @Test("spreads labels over the parts as scikit-learn's stratified split does, within one row")
    func split() throws {
        let shares = try JSONValue.parse(Self.text("split.json"))
        func count(_ part: String, _ label: String) -> Int { shares[part]?[label]?.intValue ?? 0 }
        let labels = ["a", "b", "c", "d", "e", "f"]
        let answers = labels.flatMap { label in
            Array(repeating: label, count: ["train", "validation", "test"].reduce(0) { $0 + count($1, label) })
        }
        let data = SplittingTests.dataset(answers.enumerated().map { ("prompt \($0.offset)", $0.element, nil) })
        let split = Split(data, settings: SplitSettings(validation: 0.1, test: 0.1, seed: 5))
        for (part, rows) in [("train", split.train), ("validation", split.validation), ("test", split.test)] {
            for label in labels {
                let drawn = rows.count { answers[$0] == label }
                #expect(abs(drawn - count(part, label)) <= 1, "\(part) \(label): \(drawn), not \(count(part, label))")
            }
        }
    }
}
