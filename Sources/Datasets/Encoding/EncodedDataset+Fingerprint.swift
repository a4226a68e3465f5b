import FileStore

extension EncodedDataset {
    /// Equal for equal training data: every id and mask in order, the split, the maximum length, tokenizer and template.
    func contentFingerprint(encoder: String) -> Fingerprint {
        var builder = FingerprintBuilder()
        builder.add("\(encoder) \(maxLength)")
        for part in Split.Part.allCases {
            builder.add("\n\(part.rawValue) \(self[part].count)\n")
            for row in self[part] {
                builder.add("\(row.count):")
                row.inputIDs.withUnsafeBytes { builder.add($0) }
                row.isTarget.withUnsafeBytes { builder.add($0) }
            }
        }
        return builder.fingerprint
    }
}
