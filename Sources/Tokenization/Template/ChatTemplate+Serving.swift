extension ChatTemplate {
    /// The template without the marks of what an assistant writes, which trainers know and serving programs refuse.
    ///
    /// Each mark becomes a comment with the same whitespace control, so the text that is rendered stays the same.
    package var servingSource: String {
        source.replacing(#/\{%([-+]?)\s*(?:end)?generation\s*([-+]?)%\}/#) { mark in
            "{#\(mark.1) answer \(mark.2)#}"
        }
    }
}
