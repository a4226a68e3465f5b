import FileStore
import Foundation
import JSONText
import Registry
import Testing

@Suite("The trail of a run shows when a line was changed")
struct RunTrailTests {
    @Test("Every line follows from the one before it; a changed, missing or moved line breaks the chain")
    func chain() throws {
        let path = FileManager.default.temporaryDirectory.path + "/trail-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var trail = try RunTrail(path: path, time: "2026-11-21T10:00:00Z")
        try trail.add(.answers, ["sha256": "ab"])
        try trail.add(.exception, ["rule": "leaked_rows", "because": "a demo"])
        var later = try RunTrail(path: path, time: "2026-11-21T11:00:00Z")
        try later.add(.gate, ["gate": "data", "passed": true])
        let lines = try FileStore().readText(path).split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        #expect(RunTrail.firstBreak(in: lines.joined(separator: "\n")) == nil)
        #expect(RunTrail.firstBreak(in: lines.dropFirst().joined(separator: "\n")) == 1)
        #expect(RunTrail.firstBreak(in: [lines[0], lines[2], lines[1]].joined(separator: "\n")) == 2)
        let changed = [lines[0], lines[1].replacing("a demo", with: "no demo"), lines[2]]
        #expect(RunTrail.firstBreak(in: changed.joined(separator: "\n")) == 3)
    }
}
