extension ByteCount {
    private static let units: [(name: String, bytes: Int)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1),
    ]

    /// Reads `4 GiB`, `500MB` or a plain number of bytes; nil when it is none of these or does not fit.
    package init?(spelling text: String) {
        let unit = ByteCount.units.first { text.hasSuffix($0.name) } ?? ("", 1)
        let number = text.dropLast(unit.name.count).trimming(while: { $0 == " " })
        guard let value = Double(number), value >= 0, value * Double(unit.bytes) < Double(Int.max) else { return nil }
        self.init(Int((value * Double(unit.bytes)).rounded()))
    }

    /// The shortest spelling that reads back as the same number.
    package var spelling: String {
        for unit in ByteCount.units.prefix(4) where bytes >= unit.bytes && bytes % unit.bytes == 0 {
            return "\(bytes / unit.bytes) \(unit.name)"
        }
        return "\(bytes) B"
    }

    /// For people: three significant figures and a binary unit.
    package var rounded: String {
        for unit in ByteCount.units.prefix(4) where abs(bytes) >= unit.bytes {
            let value = Double(bytes) / Double(unit.bytes)
            if value >= 100 { return "\(Int(value.rounded())) \(unit.name)" }
            let scale = value >= 10 ? 10.0 : 100.0
            return "\((value * scale).rounded() / scale) \(unit.name)"
        }
        return "\(bytes) B"
    }
}

extension Substring {
    fileprivate func trimming(while isUnwanted: (Character) -> Bool) -> Substring {
        var rest = drop(while: isUnwanted)
        while let last = rest.last, isUnwanted(last) { rest.removeLast() }
        return rest
    }
}
