import CText

/// Token texts and ids; texts are compared byte by byte, never as Unicode compares strings.
///
/// Filled once, then only read, so it can be shared.
final class TokenTable: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Nil when memory runs out.
    init?() {
        guard let pointer = hone_vocabulary_create() else { return nil }
        self.pointer = pointer
    }

    deinit { hone_vocabulary_destroy(pointer) }

    var count: Int { hone_vocabulary_count(pointer) }

    /// False when memory runs out. Tokens are found after the next `index()`.
    func add(_ text: some Collection<UInt8>, id: Int32) -> Bool {
        let bytes = Array(text)
        return hone_vocabulary_add(pointer, bytes, bytes.count, id)
    }

    func index() -> Bool { hone_vocabulary_index(pointer) }

    func id(of text: some Collection<UInt8>) -> Int32? {
        let bytes = Array(text)
        let id = hone_vocabulary_find(pointer, bytes, bytes.count)
        return id < 0 ? nil : id
    }

    /// The token that was added as number `place`. The bytes live as long as the table and are not to be kept.
    func token(_ place: Int) -> (text: UnsafeBufferPointer<UInt8>, id: Int32) {
        var count = 0
        var id: Int32 = 0
        let bytes = hone_vocabulary_token(pointer, place, &count, &id)
        return (UnsafeBufferPointer(start: bytes, count: count), id)
    }
}
