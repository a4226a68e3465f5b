import Foundation
import JSONText
import Registry
import Testing

@Suite("The registry lists run folders and can always be rebuilt from them")
struct RunIndexTests {
    static func manifest(_ id: String, day: Int) -> RunManifest {
        var manifest = RunManifest(
            id: id, createdAt: "2026-11-\(day)T09:00:00Z", honeVersion: "0.1.0", status: .evaluated)
        manifest.verdict = "sft"
        manifest.model = "practice-3m"
        manifest.isPracticeModel = true
        manifest.workingFolder = "/somewhere"
        manifest.fingerprints = ["data": "ab12", "model": "cd34"]
        manifest.seconds = ["train": 61.5]
        manifest.files = ["plan.yaml": "00ff"]
        manifest.scores = [
            .init(arm: "base", metric: "exact_match", value: 0.01, low: 0, high: 0.03, count: 200),
            .init(arm: "tuned", metric: "exact_match", value: 0.9, low: 0.85, high: 0.94, count: 200),
        ]
        return manifest
    }

    @Test("a manifest survives its own JSON")
    func manifestRoundTrip() throws {
        let manifest = Self.manifest("a", day: 20)
        let text = manifest.json.text(.pretty)
        #expect(try RunManifest(JSONValue.parse(text)) == manifest)
    }

    @Test("a manifest that lacks its id is refused by key")
    func manifestWithoutID() throws {
        #expect(throws: RunManifestError.missing(key: "id")) {
            try RunManifest(JSONValue.parse(#"{"version": 1, "status": "decided"}"#))
        }
        #expect(throws: RunManifestError.unknownVersion(9)) {
            try RunManifest(JSONValue.parse(#"{"version": 9}"#))
        }
    }

    @Test("runs are listed newest first, with the tuned score as headline")
    func listing() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let index = try RunIndex(path: folder.appending(path: "registry.sqlite").path)
        try index.record(Self.manifest("older", day: 19))
        try index.record(Self.manifest("newer", day: 20))
        try index.record(Self.manifest("newer", day: 20))
        let listed = try index.summaries()
        #expect(listed.map(\.id) == ["newer", "older"])
        #expect(listed.first?.headline?.value == 0.9)
        try index.rebuild(from: [Self.manifest("only", day: 21)])
        #expect(try index.summaries().map(\.id) == ["only"])
    }
}
