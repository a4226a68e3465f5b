import Datasets
import Testing

@Suite("No bytes make the reader fail")
struct ReaderFuzzTests {
    @Test("Damaged files are read to the end: every row is kept or dropped, and places are in the file")
    func damagedFiles() {
        let sources: [(String, name: String)] = [
            (AuditTests.clean.prefix(4).joined(separator: "\n"), "a.jsonl"),
            ("[\n" + AuditTests.clean.prefix(3).joined(separator: ",\n") + "]", "a.json"),
            ("text,label\n\"a, \"\"b\"\"\nc\",X\nplain,Y\n", "a.csv"),
            (
                #"{"messages":[{"role":"user","content":[{"type":"text","text":"é\ud83d\ude00"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"1"}]}],"tools":"[]"}"#,
                "b.jsonl"
            ),
        ]
        var state: UInt64 = 42
        func next(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(max(1, below)))
        }
        let alphabet = Array("{}[]\",:\\'\n\r\t 0e-.\u{0}x".utf8) + [0xFF, 0xC3, 0xEF, 0xBB, 0xBF, 0xE2, 0x80]
        for round in 0..<1500 {
            let source = sources[round % sources.count]
            var bytes = Array(source.0.utf8)
            for _ in 0...next(4) {
                switch next(3) {
                case 0: bytes[next(bytes.count)] = alphabet[next(alphabet.count)]
                case 1: bytes.insert(alphabet[next(alphabet.count)], at: next(bytes.count))
                default: bytes.removeSubrange(next(bytes.count)...)
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            guard let dataset = try? DatasetReader().read(bytes: bytes, name: source.name) else { continue }
            #expect(dataset.read == dataset.kept + dataset.dropped.count)
            for place in dataset.examples.map(\.place) + dataset.dropped.map(\.place) {
                #expect(place.byteOffset < bytes.count && place.line >= 1)
            }
        }
    }
}
