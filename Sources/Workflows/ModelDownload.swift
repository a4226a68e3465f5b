package import RuleEngine

/// A model of the rule book that is not on this disk: how to get it, and what that takes.
package struct ModelDownload: Sendable, Hashable {
    package let id: String
    package let hubName: String
    /// Of its 16-bit weights.
    package let gigabytes: Double
    package let parametersBillion: Double
    package let contextTokens: Int
    package let licence: String
    /// `yes`, `no` or `conditions`.
    package let commercial: String
    /// The hub asks to accept terms first.
    package let isGated: Bool

    /// Nil for a name the rule book does not know.
    package init?(_ name: String, _ book: RuleBook) {
        let row = book.table("models")?.rows.first { row in
            row.id == name || row.text("name")?.lowercased() == name.lowercased()
        }
        guard let row, let hubName = row.text("name"), let billions = row.number("parameters_billion") else {
            return nil
        }
        id = row.id
        self.hubName = hubName
        parametersBillion = billions
        gigabytes = billions * 2
        contextTokens = Int(row.number("context_tokens") ?? 0)
        licence = row.text("licence") ?? ""
        commercial = row.text("commercial") ?? ""
        isGated = row.text("gated") == "yes"
    }

    /// The literal command; a gated model needs a login whose account accepted its terms.
    package var command: String {
        (isGated ? "hf auth login && " : "") + "hf download \(hubName) --local-dir models/\(id)"
    }
}

/// A plan names a model of the rule book whose files are not here.
package struct ModelNotHere: Error, Sendable, Hashable {
    package let download: ModelDownload
}
