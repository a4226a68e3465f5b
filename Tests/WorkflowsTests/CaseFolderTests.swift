import Foundation
import Testing
import Workflows

@Suite("A folder is a case when it holds answers or data")
struct CaseFolderTests {
    static func folder(_ files: [String]) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        for file in files {
            let target = path + "/" + file
            try FileManager.default.createDirectory(
                atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try "x".write(toFile: target, atomically: true, encoding: .utf8)
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test("data.* files are the data; other files are taken only when there is none")
    func dataFiles() throws {
        let named = try Self.folder(["answers.yaml", "data.jsonl", "other.jsonl", "README.md", "documents/a.md"])
        let found = try CaseFolder(path: named + "/")
        #expect(found.data == [named + "/data.jsonl"])
        #expect(found.answers == named + "/answers.yaml")
        #expect(found.documents == [named + "/documents/a.md"])
        let loose = try Self.folder(["train.jsonl.gz", "more.csv"])
        #expect(try CaseFolder(path: loose).data == [loose + "/more.csv", loose + "/train.jsonl.gz"])
    }

    @Test("a missing or empty folder is refused")
    func refused() throws {
        #expect(throws: CaseFolderError.notAFolder(path: "/no/such")) { try CaseFolder(path: "/no/such") }
        let empty = try Self.folder([])
        #expect(throws: CaseFolderError.nothingInIt(path: empty)) { try CaseFolder(path: empty) }
    }
}
