import FileStore
import FoundationEssentials
import Launching
import Plan
import Testing

@Suite("Run folders")
struct RunManifestTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/hone-runs-\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test("names sort by time, hold no odd characters and never collide")
    func names() throws {
        try withFolder { output in
            let store = FileStore(), time = Date(timeIntervalSince1970: 1_795_261_501)
            let first = try RunFolder.create(in: output, name: "Task API/é", at: time, store: store)
            let second = try RunFolder.create(in: output, name: "Task API/é", at: time, store: store)
            #expect(first.id == "20261121-114501-task-api")
            #expect(second.id == "20261121-114501-task-api-2")
            #expect(store.isFolder(second.checkpoints))
        }
    }

    @Test("a manifest reads back; a folder without one is not a run folder")
    func manifest() throws {
        try withFolder { output in
            let store = FileStore()
            let run = try RunFolder.create(in: output, name: "x", at: Date(timeIntervalSince1970: 0), store: store)
            #expect(throws: LaunchError.self) { try RunManifest.read(run, store: store) }
            let manifest = RunManifest(
                id: run.id, created: Date(timeIntervalSince1970: 5), honeVersion: "0.1.0", workingFolder: "/somewhere",
                model: "models/base", fingerprints: ["data": "ab", "plan": "cd"])
            try manifest.write(to: run, store: store)
            #expect(try RunManifest.read(run, store: store) == manifest)
        }
    }
}
