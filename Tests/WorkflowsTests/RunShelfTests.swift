import FileStore
import Foundation
import Plan
import Registry
import Testing
import Workflows

@Suite("The list of runs")
struct RunShelfTests {
    private let store = FileStore()

    private func withShelf(_ body: (RunShelf) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/hone-shelf-" + UUID().uuidString
        try store.createFolder(path)
        defer { try? store.remove(path) }
        try body(RunShelf(path: path))
    }

    private func add(_ id: String, day: Int, to shelf: RunShelf) throws {
        let run = RunFolder(path: shelf.path + "/" + id)
        try store.createFolder(run.path)
        let manifest = RunManifest(
            id: id, createdAt: "2026-11-\(day)T09:00:00Z", honeVersion: "0.1.0", status: .decided)
        try manifest.write(to: run, store: store)
    }

    @Test("a run whose folder appeared or went away is noticed")
    func followsFolders() throws {
        try withShelf { shelf in
            try add("a", day: 20, to: shelf)
            #expect(try shelf.list().runs.map(\.id) == ["a"])
            try add("b", day: 21, to: shelf)
            let grown = try shelf.list()
            #expect(grown.runs.map(\.id) == ["b", "a"])
            #expect(grown.wasReindexed)
            #expect(try !shelf.list().wasReindexed)
            try store.remove(shelf.path + "/a")
            #expect(try shelf.list().runs.map(\.id) == ["b"])
        }
    }

    @Test("a damaged index is made anew, an unreadable manifest is named")
    func survivesDamage() throws {
        try withShelf { shelf in
            try add("a", day: 20, to: shelf)
            try add("b", day: 21, to: shelf)
            _ = try shelf.list()
            try store.write(
                "not a database at all, and longer than a header", to: shelf.path + "/" + RunShelf.indexName)
            try store.write("{", to: shelf.path + "/b/manifest.json")
            let listing = try shelf.list()
            #expect(listing.runs.map(\.id) == ["a"])
            #expect(listing.unreadable.map(\.path) == [shelf.path + "/b"])
        }
    }
}
