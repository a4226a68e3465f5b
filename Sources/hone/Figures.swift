import Foundation

/// A number with a fixed number of decimals, the same in every locale.
func fixed(_ value: Double, _ decimals: Int) -> String {
    value.isFinite ? String(format: "%.\(decimals)f", value) : "\(value)"
}

/// 12345 as `12,345`.
func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var parts: [Substring] = []
    var rest = digits[...]
    while rest.count > 3 {
        parts.insert(rest.suffix(3), at: 0)
        rest = rest.dropLast(3)
    }
    return (value < 0 ? "-" : "") + ([rest] + parts).joined(separator: ",")
}

/// Seconds as a person says them: `45 s`, `3 min 20 s`, `2 h 5 min`.
func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "?" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
}
