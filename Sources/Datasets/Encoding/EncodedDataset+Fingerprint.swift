extension EncodedDataset {
    /// Equal for equal training data: every id and mask in order, the split, the maximum length, tokenizer and template.
    func contentFingerprint(encoder: String) -> String {
        var content: [UInt8] = []
        content.append(contentsOf: "\(encoder) \(maxLength)".utf8)
        for part in Split.Part.allCases {
            content.append(contentsOf: "\n\(part.rawValue) \(self[part].count)\n".utf8)
            for row in self[part] {
                for (id, isTarget) in zip(row.inputIDs, row.isTarget) {
                    withUnsafeBytes(of: id.littleEndian) { content.append(contentsOf: $0) }
                    content.append(isTarget ? 1 : 0)
                }
                content.append(0xFF)
            }
        }
        return (0..<4).map { TextKey.hash(content, seed: $0).hexadecimal }.joined()
    }
}

extension UInt64 {
    fileprivate var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
