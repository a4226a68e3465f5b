extension EncodedChat {
    /// The text with its mask under each line, for people: `·` is ignored, `▮` is counted.
    ///
    /// Line feeds are shown as `⏎` because they are targets or not like every other character; long lines are cut at
    /// `width` columns.
    package func shown(width: Int = 100) -> String {
        var lines: [String] = []
        var text = ""
        var mask = ""
        var columns = 0
        func endLine() {
            if columns > 0 { lines += [text, mask] }
            (text, mask, columns) = ("", "", 0)
        }
        let isCounted = countedBytes
        var place = 0
        for scalar in self.text.unicodeScalars {
            let mark = isCounted[place] ? "▮" : "·"
            place += UTF8.width(scalar)
            let shown = scalar == "\n" ? "⏎" : Self.visible(scalar)
            let wide = Self.columns(of: scalar)
            if columns + wide > width { endLine() }
            text += shown
            mask += String(repeating: mark, count: wide)
            columns += wide
            if scalar == "\n" { endLine() }
        }
        endLine()
        return lines.joined(separator: "\n")
    }

    /// The text each id stands for; bytes that are half of a character become replacement characters.
    package var pieces: [String] {
        let bytes = Array(text.utf8)
        return ids.indices.map { place in
            guard ranges.indices.contains(place) else { return "" }
            return String(decoding: bytes[ranges[place].clamped(to: 0..<bytes.count)], as: UTF8.self)
        }
    }

    /// Per byte of the text, whether it belongs to a target token.
    private var countedBytes: [Bool] {
        var isCounted = [Bool](repeating: false, count: text.utf8.count)
        for (range, isTarget) in zip(ranges, isTarget) where isTarget {
            for byte in range.clamped(to: 0..<isCounted.count) { isCounted[byte] = true }
        }
        return isCounted
    }

    private static func visible(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .control: scalar == "\t" ? "⇥" : "\u{FFFD}"
        default: String(Character(scalar))
        }
    }

    /// How wide a terminal draws it, as far as that can be known: marks take no room, East Asian and pictures take two.
    private static func columns(of scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
