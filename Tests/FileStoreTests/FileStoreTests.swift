import FileStore
import Foundation
import Synchronization
import Testing

/// An empty folder that goes away with the test.
final class ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "hone-tests-" + UUID().uuidString
        try FileStore().createFolder(path)
    }

    deinit { try? FileStore().remove(path) }
}

@Suite struct FileStoreTests {
    @Test("what was written is read back, and replaced as a whole")
    func writesAndReads() throws {
        let folder = try ScratchFolder(), store = FileStore()
        let path = folder.path + "/a/b/text.txt"
        try store.createFolder(folder.path + "/a/b")
        try store.write("old", to: path)
        try store.write("a longer text: ünï", to: path)
        #expect(try store.readText(path) == "a longer text: ünï")
        #expect(try store.list(folder.path + "/a/b") == ["text.txt"])
        let printed = "abc"
        try store.write(printed, to: path)
        #expect(
            try store.fingerprint(ofFile: path).hex
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try store.fingerprint(ofFile: path) == Fingerprint(of: printed))
    }

    @Test("bytes that are not UTF-8 are named by their offset")
    func refusesOtherEncodings() throws {
        let folder = try ScratchFolder(), store = FileStore()
        let path = folder.path + "/latin1.txt"
        try store.write([0x63, 0xC3, 0xA9, 0xE9, 0x0A], to: path)
        #expect(throws: FileStoreError.notText(path: path, byteOffset: 3)) { try store.readText(path) }
    }

    @Test("a missing file is an error with its path and number")
    func missingFile() {
        #expect(throws: FileStoreError.failed(.open, path: "/nowhere/x", errno: ENOENT)) {
            try FileStore().read("/nowhere/x")
        }
    }

    @Test("whichever operation fails or tears, the file holds the old or the new text", arguments: [false, true])
    func survivesEveryFault(tears: Bool) throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/kept.txt"
        var failures = 0
        for failing in 0..<20 {
            try FileStore().write("the old text", to: path)
            let count = Counter()
            let store = FileStore { _, _ in
                count.next() == failing ? (tears ? .tear(bytes: 3, errno: ENOSPC) : .fail(errno: ENOSPC)) : nil
            }
            do { try store.write("the new text", to: path) } catch { failures += 1 }
            #expect(["the old text", "the new text"].contains(try FileStore().readText(path)))
            #expect(try FileStore().list(folder.path) == ["kept.txt"], "no partial file stays behind")
        }
        // open, write, sync, rename, sync folder
        #expect(failures == 5)
    }

    @Test("a folder is published whole or not at all")
    func publishesFolders() throws {
        let folder = try ScratchFolder()
        let target = folder.path + "/step-000001"
        for failing in 0..<30 {
            let count = Counter()
            let store = FileStore { _, _ in count.next() == failing ? .fail(errno: EIO) : nil }
            try? store.publishFolder(target) { (path) throws in
                try store.write("1", to: path + "/one")
                try store.write("2", to: path + "/two")
            }
            if FileStore().exists(target) {
                #expect(try FileStore().list(target) == ["one", "two"])
            }
            try FileStore().remove(target)
        }
    }

    @Test("a torn line is closed before the next one is added")
    func appendsLines() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/events.jsonl"
        try LineLog(path: path).append("one")
        let count = Counter()
        let tearing = FileStore { operation, _ in
            operation == .write && count.next() == 0 ? .tear(bytes: 2, errno: ENOSPC) : nil
        }
        let log = try LineLog(path: path, store: tearing)
        #expect(throws: FileStoreError.failed(.write, path: path, errno: ENOSPC)) { try log.append("two") }
        try log.append("two again")
        #expect(try FileStore().readText(path) == "one\ntw\ntwo again\n")
        try FileStore().write("one\nha", to: path)
        try LineLog(path: path).append("three")
        #expect(try FileStore().readText(path) == "one\nha\nthree\n")
    }

    @Test("what is committed survives a power cut at any later moment, and a cut before leaves the old text")
    func survivesPowerCuts() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/kept.txt"
        let counting = FaultInjector(in: folder.path)
        try FileStore().write("the old text", to: path)
        try counting.store.write("the new text", to: path)
        for cut in 0...counting.count {
            try FileStore().write("the old text", to: path)
            let injector = FaultInjector(.powerCut, at: cut, in: folder.path)
            var isCommitted = false
            do {
                try injector.store.write("the new text", to: path)
                isCommitted = true
            } catch {}
            let text = try FileStore().readText(path)
            #expect(text == (isCommitted ? "the new text" : "the old text"), "operation \(cut)")
        }
    }

    @Test(
        "without a sync before the rename, a power cut would tear the new text: the simulation can see a missing sync")
    func simulationTears() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/log.jsonl"
        let injector = FaultInjector(.powerCut, at: 4, in: folder.path)
        let log = try LineLog(path: path, isDurable: false, store: injector.store)
        try log.append("one")
        try log.append("two")
        #expect(throws: FileStoreError.self) { try log.append("three") }
        #expect(try FileStore().readText(path) == "one\n")
    }

    @Test("a mapped file is its bytes; an empty one is none")
    func mapsFiles() throws {
        let folder = try ScratchFolder(), store = FileStore()
        try store.write([1, 2, 3], to: folder.path + "/three")
        try store.write([UInt8](), to: folder.path + "/empty")
        let three = try MappedFile(path: folder.path + "/three")
        #expect(withExtendedLifetime(three) { Array(three.bytes) } == [1, 2, 3])
        #expect(try MappedFile(path: folder.path + "/empty").bytes.isEmpty)
        #expect(throws: FileStoreError.self) { try MappedFile(path: folder.path) }
    }
}

/// Counts calls from any thread.
final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}
