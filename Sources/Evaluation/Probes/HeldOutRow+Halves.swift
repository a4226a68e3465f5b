import Datasets
package import Tokenization

extension HeldOutRow {
    /// The row with the first half of its answer already written: what is asked is the rest, word for word. Nil for an answer
    /// of fewer than `least` tokens, whose end anybody could guess.
    package func halved(_ tokenizer: Tokenizer, least: Int) -> HeldOutRow? {
        let targets = encoded.isTarget.indices.filter { encoded.isTarget[$0] }
        guard prompt != nil, targets.count >= least, let first = targets.first, let last = targets.last,
            last - first + 1 == targets.count
        else { return nil }
        let middle = first + targets.count / 2
        let rest = tokenizer.decode(Array(encoded.inputIDs[middle...last]), skipSpecialTokens: true)
        let half = Example(
            place: example.place, shape: example.shape,
            body: .chat([
                ChatMessage(role: .user, content: example.request), ChatMessage(role: .assistant, content: rest),
            ]), group: example.group)
        return HeldOutRow(half, encoded: encoded, prompt: Array(encoded.inputIDs[..<middle]))
    }
}
