internal import CKernels

/// Rows of tokens: `count` of them from `start` on.
package struct RowSpan: Sendable, Hashable {
    package var start: Int
    package var count: Int

    package init(start: Int, count: Int) {
        self.start = start
        self.count = count
    }
}

/// Causal attention over segments, in the layout of a fused query-key-value product.
///
/// A row of `qkv` is all query heads, then all key heads, then all value heads. One call handles one segment and one
/// key/value head with the query heads that share it; calls for different heads or chains may run at the same time.
package struct Attention: Sendable {
    package let heads: Int
    package let keyValueHeads: Int
    package let headSize: Int
    /// What every score is multiplied by.
    package let scale: Float
    /// Scores become `softcap * tanh(score / softcap)`; 0 leaves them.
    package let softcap: Float
    /// Whether segments are multiplied in bfloat16, where the CPU can. Decoding, one token at a time, never is.
    package let narrows: Bool

    /// Without `scale`, scores are divided by the square root of the head size.
    package init(
        heads: Int, keyValueHeads: Int, headSize: Int, scale: Float? = nil, softcap: Float = 0, narrows: Bool = false
    ) {
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.headSize = headSize
        self.scale = scale ?? 1 / Float(headSize).squareRoot()
        self.softcap = softcap
        self.narrows = narrows
    }

    package var queryWidth: Int { heads * headSize }
    package var keyOffset: Int { heads * headSize }
    package var valueOffset: Int { (heads + keyValueHeads) * headSize }
    package var fusedWidth: Int { (heads + 2 * keyValueHeads) * headSize }
    package var group: Int { heads / keyValueHeads }

    /// Floats of scratch one thread needs for chains of up to `keys` rows.
    package func scratchCount(keys: Int) -> Int { hone_attention_scratch(keys, headSize) }

    /// Writes `out` [rows, heads * headSize] and `logSums` [rows, heads] for the rows of the chain's last span.
    ///
    /// - Parameter window: A row sees itself and the `window - 1` rows before it; 0 means all rows before it.
    package func forward(
        keyValueHead: Int, window: Int, chain: UnsafeBufferPointer<RowSpan>, qkv: ReadOnlyFloats, out: Floats,
        logSums: Floats, scratch: Floats
    ) {
        withCall(keyValueHead, window, chain, qkv, out, logSums, scratch) {
            narrows ? hone_attention_forward_bf16($0) : hone_attention_forward($0)
        }
    }

    /// Clears what `backward` adds to, for one key/value head.
    package func zeroKeyValueGradients(keyValueHead: Int, rows: RowSpan, dqkv: Floats) {
        for row in rows.start..<rows.start + rows.count {
            let start = dqkv + row * fusedWidth + keyValueHead * headSize
            (start + keyOffset).update(repeating: 0, count: headSize)
            (start + valueOffset).update(repeating: 0, count: headSize)
        }
    }

    /// Assigns the query part of `dqkv` for the last span, adds to its key and value parts for the whole chain.
    package func backward(
        keyValueHead: Int, window: Int, chain: UnsafeBufferPointer<RowSpan>, qkv: ReadOnlyFloats, out: Floats,
        logSums: Floats, dout: ReadOnlyFloats, dqkv: Floats, scratch: Floats
    ) {
        withCall(keyValueHead, window, chain, qkv, out, logSums, scratch) { call in
            let run = narrows ? hone_attention_backward_bf16 : hone_attention_backward
            run(
                call, dout + keyValueHead * group * headSize, dqkv + keyValueHead * group * headSize,
                dqkv + keyOffset + keyValueHead * headSize, dqkv + valueOffset + keyValueHead * headSize)
        }
    }

    private func withCall(
        _ keyValueHead: Int, _ window: Int, _ chain: UnsafeBufferPointer<RowSpan>, _ qkv: ReadOnlyFloats,
        _ out: Floats, _ logSums: Floats, _ scratch: Floats, _ body: (UnsafePointer<hone_attention>) -> Void
    ) {
        chain.withMemoryRebound(to: hone_span.self) { spans in
            var call = hone_attention(
                q: qkv + keyValueHead * group * headSize, k: qkv + keyOffset + keyValueHead * headSize,
                v: qkv + valueOffset + keyValueHead * headSize, stride: fusedWidth, D: headSize, group: group,
                out: out + keyValueHead * group * headSize, out_stride: queryWidth, lse: logSums + keyValueHead * group,
                lse_stride: heads, chain: spans.baseAddress, chain_length: spans.count, scale: scale, scratch: scratch,
                window: window, softcap: softcap)
            body(&call)
        }
    }

    /// Floats of either half of a cache of `capacity` tokens of one key/value head.
    package func cacheCount(capacity: Int) -> Int { hone_cache_floats(capacity, headSize) }

    /// Floats of scratch one thread needs to decode over up to `count` tokens.
    package func decodeScratchCount(count: Int) -> Int { hone_attention_decode_scratch(count, headSize) }

    /// Puts the keys and values of one row of `qkv` into the cache of one key/value head as token number `index`.
    package func append(_ index: Int, keyValueHead: Int, row qkv: ReadOnlyFloats, keys: Floats, values: Floats) {
        hone_cache_append(
            headSize, index, qkv + keyOffset + keyValueHead * headSize, qkv + valueOffset + keyValueHead * headSize,
            keys,
            values)
    }

    /// Attention of the query heads of one row over the `count` cached tokens of their key/value head.
    package func decode(
        keyValueHead: Int, window: Int, count: Int, row qkv: ReadOnlyFloats, keys: ReadOnlyFloats,
        values: ReadOnlyFloats, out: Floats, scratch: Floats
    ) {
        let first = keyValueHead * group * headSize
        hone_attention_decode(
            headSize, group, count, qkv + first, scale, window, softcap, keys, values, out + first, scratch)
    }
}
