import CText
import Synchronization

/// The vocabulary and merges of a tokenizer in the form that is fast to apply.
final class BytePairModel: @unchecked Sendable {
    // Read-only once made; workspaces are handed out one per caller at a time.
    private let model: OpaquePointer
    private let tokens: TokenTable
    private let idle = Mutex<[Workspace]>([])

    struct Options {
        var isByteLevel = false
        var ignoresMerges = false
        var fusesUnknown = false
        var unknownID: Int32?
        /// Ids of `<0x00>` to `<0xFF>`, -1 where missing.
        var byteFallbackIDs: [Int32]?
    }

    /// `tokens` are the bytes each token stands for in text; `merges` are triples of left, right and merged id in order
    /// of rank. Nil when memory runs out.
    init?(tokens: TokenTable, merges: [Int32], options: Options) {
        func create(_ fallback: UnsafePointer<Int32>?) -> OpaquePointer? {
            hone_byte_pairs_create(
                tokens.pointer, merges, merges.count / 3,
                hone_byte_pair_options(
                    is_byte_level: options.isByteLevel, ignores_merges: options.ignoresMerges,
                    fuses_unknown: options.fusesUnknown, unknown_id: options.unknownID ?? -1,
                    byte_fallback_ids: fallback))
        }
        let created = options.byteFallbackIDs.map { $0.withUnsafeBufferPointer { create($0.baseAddress) } } ?? create(nil)
        guard let created else { return nil }
        model = created
        self.tokens = tokens
    }

    deinit { hone_byte_pairs_destroy(model) }

    func withWorkspace<Result>(_ body: (Workspace) -> Result) -> Result {
        let workspace = idle.withLock { $0.popLast() } ?? Workspace()
        defer { idle.withLock { $0.append(workspace) } }
        return body(workspace)
    }

    /// Appends the tokens of `text[range]`, cut into `pieces`, to the workspace.
    func encode(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, pieces: hone_pieces, into workspace: Workspace) {
        guard let start = text.baseAddress, !range.isEmpty else { return }
        let isComplete = hone_encode_pieces(model, workspace.pointer, pieces, start, range.lowerBound, range.upperBound)
        precondition(isComplete, "out of memory while encoding a text of \(range.count) bytes")
    }
}

/// The memory one caller encodes in: the tokens found so far, and pieces seen before.
final class Workspace: @unchecked Sendable {
    let pointer: OpaquePointer

    init() {
        guard let pointer = hone_workspace_create() else { preconditionFailure("out of memory") }
        self.pointer = pointer
    }

    deinit { hone_workspace_destroy(pointer) }

    var tokens: UnsafeBufferPointer<hone_token> {
        UnsafeBufferPointer(start: hone_tokens(pointer), count: hone_token_count(pointer))
    }

    func append(_ token: hone_token) {
        let isComplete = hone_append_token(pointer, token)
        precondition(isComplete, "out of memory while encoding")
    }

    func forgetTokens() { hone_forget_tokens(pointer) }
}
