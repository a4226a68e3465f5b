import Datasets
import Foundation
import Testing

@Suite("No bytes make the reader fail")
struct ReaderFuzzTests {
    /// `Scripts/fuzz_reader.sh` raises the rounds and changes the seed.
    static let rounds = ProcessInfo.processInfo.environment["HONE_FUZZ_ROUNDS"].flatMap(Int.init) ?? 1500
    static let seed = ProcessInfo.processInfo.environment["HONE_FUZZ_SEED"].flatMap(UInt64.init) ?? 42

    /// A fixed linear congruence, so that a seed names a run.
    struct Chance {
        var state: UInt64

        mutating func next(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(max(1, below)))
        }
    }

    static let alphabet = Array("{}[]\",:\\'\n\r\t 0e-.\u{0}x<|>`@".utf8) + [0xFF, 0xC3, 0xEF, 0xBB, 0xBF, 0xE2, 0x80]

    /// Small files of every spelling, and the zoo's, which are broken already.
    static func sources() throws -> [(bytes: [UInt8], name: String)] {
        let texts = [
            (AuditTests.clean.prefix(4).joined(separator: "\n"), "a.jsonl"),
            ("[\n" + AuditTests.clean.prefix(3).joined(separator: ",\n") + "]", "a.json"),
            ("text,label\n\"a, \"\"b\"\"\nc\",X\nplain,Y\n", "a.csv"),
            (#"{"text":"<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>"}"#, "c.jsonl"),
            (#"{"text":"[INST] <<SYS>>S<</SYS>> Hi [/INST] Ho </s>"}"#, "c.jsonl"),
            (
                #"{"messages":[{"role":"user","content":[{"type":"text","text":"é\ud83d\ude00"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"1"}]}],"tools":"[]"}"#,
                "b.jsonl"
            ),
        ].map { (bytes: Array($0.0.utf8), name: $0.1) }
        let zoo = try ZooTests.animals().map(\.file).filter { !$0.hasSuffix(".gz") }.map { file in
            (bytes: Array(try Data(contentsOf: URL(filePath: ZooTests.root + "/Zoo/" + file)).prefix(3000)), name: file)
        }
        return texts + zoo
    }

    static func damage(_ bytes: inout [UInt8], _ chance: inout Chance) {
        for _ in 0...chance.next(4) {
            switch chance.next(5) {
            case 0 where !bytes.isEmpty: bytes[chance.next(bytes.count)] = alphabet[chance.next(alphabet.count)]
            case 1: bytes.insert(alphabet[chance.next(alphabet.count)], at: chance.next(bytes.count + 1))
            case 2: bytes.removeSubrange(chance.next(bytes.count)...)
            case 3 where !bytes.isEmpty:
                let start = chance.next(bytes.count)
                bytes.insert(
                    contentsOf: bytes[start..<min(bytes.count, start + chance.next(40))], at: chance.next(bytes.count))
            default:
                guard !bytes.isEmpty else { continue }
                let start = chance.next(bytes.count)
                bytes.removeSubrange(start..<min(bytes.count, start + chance.next(8)))
            }
        }
    }

    @Test("Damaged files are read and audited to the end: every row is kept or dropped, and places are in the file")
    func damagedFiles() throws {
        let sources = try Self.sources()
        let audit = try DatasetAudit(book: AuditTests.book.get())
        var chance = Chance(state: Self.seed)
        for round in 0..<Self.rounds {
            let source = sources[round % sources.count]
            var bytes = source.bytes
            Self.damage(&bytes, &chance)
            guard let dataset = try? DatasetReader().read(bytes: bytes, name: source.name) else { continue }
            #expect(dataset.read == dataset.kept + dataset.dropped.count)
            for place in dataset.examples.map(\.place) + dataset.dropped.map(\.place) {
                #expect(place.byteOffset < bytes.count && place.line >= 1)
            }
            let profile = audit.profile(dataset)
            #expect(profile.read == dataset.read && profile.effectiveExamples <= profile.kept)
        }
    }
}
