/// Numbers as a reader of a report wants them, the same on every machine.
enum Figure {
    /// Rounded to a fixed number of decimals, with a true minus sign only where a caller asks for one.
    static func fixed(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return "–" }
        guard abs(value) < 1e15 else { return value.description }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e18 else { return value.description }
        let whole = UInt64(scaled)
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        let decimals = String(whole % UInt64(scale))
        let padding = String(repeating: "0", count: digits - decimals.count)
        return sign + String(whole / UInt64(scale)) + "." + padding + decimals
    }

    /// `1,488`
    static func count(_ value: Int) -> String {
        var groups: [String] = []
        var rest = value.magnitude
        while rest >= 1000 {
            let group = String(rest % 1000)
            groups.append(String(repeating: "0", count: 3 - group.count) + group)
            rest /= 1000
        }
        return (value < 0 ? "−" : "") + ([String(rest)] + groups.reversed()).joined(separator: ",")
    }

    /// `93.3 %`
    static func percent(_ share: Double, digits: Int = 1) -> String { fixed(share * 100, digits: digits) + " %" }

    /// `+12.0 points`: a difference of two shares.
    static func points(_ difference: Double) -> String { signed(difference * 100, digits: 1) + " points" }

    static func signed(_ value: Double, digits: Int) -> String {
        let text = fixed(abs(value), digits: digits)
        let isZero = text.allSatisfy { $0 == "0" || $0 == "." }
        return isZero ? "±" + text : (value < 0 ? "−" : "+") + text
    }

    /// Enough digits to tell values apart: 2 or 3 significant ones; `0.0059`, not `5.9e-03`.
    static func plain(_ value: Double) -> String {
        switch abs(value) {
        case 100...: value < 1e6 ? count(Int(value.rounded())) : scientific(value)
        case 10..<100: fixed(value, digits: 1)
        case 0.01..<10: fixed(value, digits: 2)
        case 0: "0"
        case 0.0001..<0.01: fixed(value, digits: decimals(toShow: abs(value)))
        default: scientific(value)
        }
    }

    /// `+0.0059`, `−1.20`: a difference of two plain values.
    static func signedPlain(_ value: Double) -> String {
        value == 0 ? "±0" : (value < 0 ? "−" : "+") + plain(abs(value))
    }

    /// Decimals that leave two significant digits of a number below 1.
    private static func decimals(toShow value: Double) -> Int {
        var digits = 1, scaled = value
        while scaled < 1 { (digits, scaled) = (digits + 1, scaled * 10) }
        return digits
    }

    /// `3.1e-05`; used for learning rates and very small probabilities.
    static func scientific(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return fixed(value, digits: 0) }
        var exponent = 0, mantissa = abs(value)
        while mantissa >= 9.95 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        while mantissa < 0.995 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        let digits = String(exponent.magnitude)
        return (value < 0 ? "−" : "") + fixed(mantissa, digits: 1) + "e" + (exponent < 0 ? "-" : "+")
            + (digits.count < 2 ? "0" : "") + digits
    }

    /// `412 MiB`
    static func bytes(_ count: Int) -> String {
        let value = Double(count)
        if count < 1024 { return "\(count) bytes" }
        if value < 1024 * 1024 { return fixed(value / 1024, digits: 0) + " KiB" }
        if value < 1024 * 1024 * 1024 { return fixed(value / 1_048_576, digits: value < 10_485_760 ? 1 : 0) + " MiB" }
        return fixed(value / 1_073_741_824, digits: 2) + " GiB"
    }

    /// `1 min 40 s`
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
        if seconds > 0, seconds < 0.1 {
            return seconds < 0.001 ? "below 1 ms" : fixed(seconds * 1000, digits: 0) + " ms"
        }
        if seconds < 10 { return fixed(seconds, digits: 1) + " s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min" + (whole % 60 > 0 ? " \(whole % 60) s" : "") }
        let minutes = Int((seconds / 60).rounded())
        return "\(minutes / 60) h" + (minutes % 60 > 0 ? " \(minutes % 60) min" : "")
    }

    /// `p < 0.0001`, `p = 0.034`
    static func probability(_ p: Double) -> String {
        p < 0.0001 ? "p < 0.0001" : "p = " + fixed(p, digits: p < 0.01 ? 4 : 3)
    }
}
