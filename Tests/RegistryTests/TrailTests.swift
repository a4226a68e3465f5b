import JSONText
import Registry
import Testing

@Suite("The trail of a run")
struct TrailTests {
    private func lines() -> [String] {
        var trail = Trail()
        return [
            trail.append(.answers, ["sha256": "ab"], at: "2026-11-21T10:00:00Z"),
            trail.append(.decision, ["verdict": "rag"], at: "2026-11-21T10:00:01Z"),
            trail.append(.signature, ["name": "Ann | <b>"], at: "2026-11-21T10:00:02Z"),
        ]
    }

    @Test("reads back with every entry chained to the one before")
    func chain() throws {
        let trail = try Trail(lines().joined(separator: "\n") + "\n")
        #expect(trail.entries.map(\.kind) == [.answers, .decision, .signature])
        #expect(trail.entries[1].previous == trail.entries[0].hash && trail.head == trail.entries[2].hash)
        #expect(trail.entries[2].data["name"]?.stringValue == "Ann | <b>")
        #expect(try Trail("").entries.isEmpty)
    }

    @Test("a line that was changed, taken out, put in or moved is named")
    func broken() throws {
        let lines = lines()
        let changed = lines[1].replacing("rag", with: "sft")
        #expect(throws: TrailError.changed(line: 2)) { try Trail([lines[0], changed, lines[2]].joined(separator: "\n")) }
        #expect(throws: TrailError.notChained(line: 2)) { try Trail([lines[0], lines[2]].joined(separator: "\n")) }
        #expect(throws: TrailError.notChained(line: 1)) { try Trail([lines[1], lines[0]].joined(separator: "\n")) }
        #expect(throws: TrailError.notChained(line: 2)) { try Trail([lines[0], lines[0]].joined(separator: "\n")) }
        #expect(throws: TrailError.notAnEntry(line: 1)) { try Trail("{\"number\": 1}") }
    }
}
