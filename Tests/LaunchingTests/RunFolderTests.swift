import FileStore
import FoundationEssentials
import Launching
import Plan
import Testing

@Suite("Run folders")
struct RunFolderTests {
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
            #expect(store.isFolder(second.path))
        }
    }
}
