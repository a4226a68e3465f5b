import FileStore
import Foundation
import RuleEngine
import Testing

@Suite("The rule cache")
struct RuleBookCacheTests {
    private let folder = NSTemporaryDirectory() + "hone-rule-cache-\(UUID().uuidString)"
    private let store = FileStore()

    @Test("gives the same book as the files")
    func sameBook() throws {
        defer { try? store.remove(folder) }
        let rules = try RuleFolder(path: ShippedRuleBook.path)
        let cache = RuleBookCache(folder: folder)
        let fresh = try RuleBook.load(rules, cache: cache)
        #expect(try store.list(folder).count == 1)
        let cached = try RuleBook.load(rules, cache: cache)
        #expect(cached.ruleIDs == fresh.ruleIDs)
        #expect(cached.decisions.flatMap(\.rules).map(\.when) == fresh.decisions.flatMap(\.rules).map(\.when))
        #expect(cached.decisions.flatMap(\.rules).map(\.place) == fresh.decisions.flatMap(\.rules).map(\.place))
        #expect(cached.fingerprint == fresh.fingerprint)
        #expect(cached.tables.map(\.id) == fresh.tables.map(\.id))
        #expect(cached.tables.flatMap(\.rows).map(\.ruleID) == fresh.tables.flatMap(\.rows).map(\.ruleID))
        #expect(cached.vocabulary.definitions.map(\.ids) == fresh.vocabulary.definitions.map(\.ids))
    }

    @Test("is never used when any byte of it is wrong")
    func corruption() throws {
        defer { try? store.remove(folder) }
        let rules = try RuleFolder(path: ShippedRuleBook.path)
        let cache = RuleBookCache(folder: folder)
        let fresh = try RuleBook.load(rules, cache: cache)
        let name = try #require(try store.list(folder).first)
        let good = try store.read(folder + "/" + name)
        for bad in [[], Array(good.prefix(70)), Array(good.dropLast()), good.map { $0 == 0x61 ? 0x62 : $0 }] {
            try store.write(bad, to: folder + "/" + name)
            #expect(try RuleBook.load(rules, cache: cache).ruleIDs == fresh.ruleIDs)
        }
    }

    @Test("is not asked when a rule file changed")
    func changedFile() throws {
        defer { try? store.remove(folder) }
        let rules = try RuleFolder(path: ShippedRuleBook.path)
        let cache = RuleBookCache(folder: folder)
        _ = try RuleBook.load(rules, cache: cache)
        let changed = RuleFolder(
            path: rules.path,
            files: rules.files.map { name, text in
                (name, name == "decisions/venue.yaml" ? text.replacing("Where should it be trained?", with: "Where?") : text)
            })
        #expect(changed.fingerprint != rules.fingerprint)
        #expect(try RuleBook.load(changed, cache: cache).decision("venue")?.answers == "Where?")
    }

    @Test("is not written for rules that only an overlay makes whole")
    func overlaid() throws {
        defer { try? store.remove(folder) }
        let rules = try RuleFolder(path: ShippedRuleBook.path)
        let overlay = RuleFolder(path: "overlay", files: [("overlay.yaml", "overlay: Acme\n")])
        let cache = RuleBookCache(folder: folder)
        _ = try RuleBook.load(rules, overlay: overlay, cache: cache)
        #expect(!store.isFolder(folder))
        let fresh = try RuleBook.load(rules, cache: cache)
        #expect(try RuleBook.load(rules, overlay: overlay, cache: cache).ruleIDs == fresh.ruleIDs)
    }

    @Test("that cannot be written changes nothing")
    func unwritable() throws {
        let rules = try RuleFolder(path: ShippedRuleBook.path)
        let cache = RuleBookCache(folder: "/proc/no-such-place")
        #expect(try !RuleBook.load(rules, cache: cache).ruleIDs.isEmpty)
    }
}
