import CText
import FileStore
import JSONText

/// The two big tables of a `tokenizer.json`, read without a value for each of their entries, and the rest of the file.
///
/// A vocabulary can hold keys that Unicode calls equal (Greek with tonos and with oxia); the tables keep them apart.
struct ModelTables {
    let tokens: TokenTable
    let merges: [Int32]
    /// The file with both tables emptied.
    let rest: TokenizerNode

    init(_ bytes: [UInt8], file: String) throws(TokenizerError) {
        guard let tokens = TokenTable() else { throw .outOfMemory(file: file) }
        self.tokens = tokens
        guard let places = Self.places(in: bytes), Self.isText(bytes[places.vocabulary]), Self.isText(bytes[places.merges])
        else { throw Self.complaint(about: bytes, file: file) }
        guard hone_json_read_vocabulary(bytes, hone_byte_range(places.vocabulary), tokens.pointer) else {
            throw Self.complaint(about: bytes, file: file)
        }
        let count = places.merges.isEmpty ? 0 : hone_json_element_count(bytes, hone_byte_range(places.merges))
        // What is no list counts as the largest number there is, which is negative here.
        guard 0...bytes.count ~= count else { throw Self.complaint(about: bytes, file: file) }
        var merges = [Int32](repeating: 0, count: 3 * count)
        let read = hone_json_read_merges(bytes, hone_byte_range(places.merges), tokens.pointer, &merges)
        guard read == count else { throw Self.complaint(about: bytes, file: file, merge: read, tokens) }
        self.merges = merges
        rest = try TokenizerNode.parse(Self.emptied(bytes, places), file: file)
    }

    private typealias Places = (vocabulary: Range<Int>, merges: Range<Int>)

    /// Nil when the file is not JSON, or has no vocabulary. A file without merges has an empty place for them.
    private static func places(in bytes: [UInt8]) -> Places? {
        var model = hone_byte_range()
        var vocabulary = hone_byte_range()
        var merges = hone_byte_range()
        guard hone_json_member(bytes, bytes.count, 0, "model", &model),
            hone_json_member(bytes, model.end, model.start, "vocab", &vocabulary)
        else { return nil }
        _ = hone_json_member(bytes, model.end, model.start, "merges", &merges)
        return (vocabulary.start..<vocabulary.end, merges.start..<merges.end)
    }

    private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    private static func emptied(_ bytes: [UInt8], _ places: Places) -> [UInt8] {
        var cuts = [(places.vocabulary, "{}")]
        if !places.merges.isEmpty { cuts.append((places.merges, "[]")) }
        var rest: [UInt8] = []
        var kept = 0
        for (range, replacement) in cuts.sorted(by: { $0.0.lowerBound < $1.0.lowerBound }) {
            rest += bytes[kept..<range.lowerBound]
            rest += replacement.utf8
            kept = range.upperBound
        }
        return rest + bytes[kept...]
    }

    /// What the strict parser has to say about a file that could not be read.
    private static func complaint(
        about bytes: [UInt8], file: String, merge: Int = 0, _ tokens: TokenTable? = nil
    ) -> TokenizerError {
        do throws(TokenizerError) {
            let model = try TokenizerNode.parse(bytes, file: file).required("model")
            let vocabulary = try model.required("vocab")
            for member in try vocabulary.object() {
                _ = try TokenizerNode(value: member.value, place: vocabulary.place).id(of: member.key)
            }
            let merges = try model["merges"]?.elements() ?? []
            guard merges.indices.contains(merge) else { return vocabulary.unsupported() }
            return try complaint(about: merges[merge], tokens)
        } catch {
            return error
        }
    }

    private static func complaint(
        about merge: TokenizerNode, _ tokens: TokenTable?
    ) throws(TokenizerError) -> TokenizerError {
        var parts: [String] = []
        if let line = merge.value.stringValue {
            parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        } else {
            for part in try merge.elements() { parts.append(try part.string()) }
        }
        guard parts.count == 2 else { return merge.unsupported() }
        let missing = (parts + [parts.joined()]).first { tokens?.id(of: $0.utf8) == nil }
        return missing.map { .unknownToken(merge.place, token: $0) } ?? merge.unsupported()
    }
}

extension hone_byte_range {
    init(_ range: Range<Int>) { self.init(start: range.lowerBound, end: range.upperBound) }
}
