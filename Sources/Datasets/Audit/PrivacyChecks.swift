/// Looks for personal data and secrets in everything a row says.
struct PrivacyChecks: Sendable {
    func look(at example: Example, into book: inout EvidenceBook, _ kinds: inout [PersonalData.Kind: Int]) {
        var texts = example.messages.map(\.content)
        if case .plainText(let text) = example.body { texts = [text] }
        var shown: [Bool: String] = [:]
        for text in texts {
            for hit in PersonalData.hits(in: text) {
                kinds[hit.kind, default: 0] += 1
                if shown[hit.kind.isSecret] == nil {
                    shown[hit.kind.isSecret] = "\(hit.kind.rawValue) \(Self.veiled(text, hit))"
                }
            }
        }
        if let text = shown[false] { book.add(.personalData, example.place, text) }
        if let text = shown[true] { book.add(.secrets, example.place, text) }
    }

    /// Enough to find the value again, too little to use it: reports are passed on.
    private static func veiled(_ text: String, _ hit: PersonalData.Hit) -> String {
        let value = String(decoding: Array(text.utf8)[hit.range], as: UTF8.self)
        if hit.kind == .email, let at = value.firstIndex(of: "@") { return value.prefix(1) + "…" + value[at...] }
        let visible = hit.kind.isSecret ? 4 : 2
        return value.prefix(visible) + "…" + (hit.kind.isSecret ? "" : value.suffix(2))
    }
}
