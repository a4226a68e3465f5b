import FileStore
import Foundation
import Launching
import Plan
import Registry
import Testing
import Workflows

@Suite("The manifest of a run folder")
struct RunManifestFilesTests {
    @Test("reads back; a folder without one is not a run folder")
    func roundTrip() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let store = FileStore()
        let run = try RunFolder.create(in: path, name: "x", at: Date(timeIntervalSince1970: 0), store: store)
        #expect(throws: LaunchError.self) { try RunManifest.read(run, store: store) }
        var manifest = RunManifest(id: run.id, createdAt: "2026-11-21T00:00:00Z", honeVersion: "0.1.0", status: .planned)
        manifest.workingFolder = "/somewhere"
        manifest.fingerprints = ["data": "ab", "plan": "cd"]
        try manifest.write(to: run, store: store)
        #expect(try RunManifest.read(run, store: store) == manifest)
    }
}
