/// One thing the audit found, with its evidence and what to do.
package struct Finding: Sendable, Hashable {
    package var check: AuditCheck
    package var severity: Severity
    package var heading: Heading
    /// The number of rows follows it: `answers are empty: 12`.
    package var title: String
    /// Rows it concerns.
    package var count: Int
    /// Of the rows read.
    package var share: Double
    package var examples: [Sample]
    /// What this dataset shows in particular, such as the labels concerned; empty when the title says all.
    package var detail: String
    package var why: String
    package var fix: String

    package enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
        case info, warning, error

        private var rank: Int {
            switch self {
            case .info: 0
            case .warning: 1
            case .error: 2
            }
        }

        package static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }
    }

    package enum Heading: String, Sendable, Hashable, CaseIterable {
        case format, quantity, quality
    }

    /// A row that shows the finding.
    package struct Sample: Sendable, Hashable {
        package var place: RowPlace
        package var text: String
    }
}

/// Rows that show one thing: all are counted, the first few are kept.
struct Evidence: Sendable {
    static let mostSamples = 5

    private(set) var count = 0
    private(set) var samples: [Finding.Sample] = []
    var detail = ""
    /// What the count is a share of, where that is not the rows read.
    var outOf: Int?

    mutating func add(_ place: RowPlace, _ text: @autoclosure () -> String) {
        count += 1
        if samples.count < Self.mostSamples { samples.append(Finding.Sample(place: place, text: Excerpt.of(text()))) }
    }

    /// Rows that no single row stands for.
    mutating func add(rows: Int) { count += rows }

    /// `other` covers rows behind those of this one.
    mutating func join(_ other: Evidence) {
        count += other.count
        samples += other.samples.prefix(Self.mostSamples - samples.count)
    }
}

/// Evidence of many checks.
struct EvidenceBook: Sendable {
    private(set) var entries: [AuditCheck: Evidence] = [:]

    subscript(check: AuditCheck) -> Evidence {
        get { entries[check] ?? Evidence() }
        set { entries[check] = newValue }
    }

    mutating func add(_ check: AuditCheck, _ place: RowPlace, _ text: @autoclosure () -> String) {
        entries[check, default: Evidence()].add(place, text())
    }

    mutating func join(_ other: EvidenceBook) {
        for (check, evidence) in other.entries { entries[check, default: Evidence()].join(evidence) }
    }
}

/// A piece of a text that fits into a line.
enum Excerpt {
    static let length = 100

    static func of(_ text: String, around place: Int? = nil) -> String {
        let scalars = Array(text.unicodeScalars.prefix((place ?? 0) + 4 * length))
        let start = max(0, min(place.map { $0 - length / 3 } ?? 0, scalars.count - length))
        let end = min(scalars.count, start + length)
        var line = start > 0 ? "…" : ""
        for scalar in scalars[start..<end] {
            switch scalar {
            case "\n": line += "⏎"
            case "\t": line += " "
            case _ where scalar.value < 0x20 || scalar.value == 0x7F || scalar.properties.generalCategory == .format:
                line += "�"
            default: line.unicodeScalars.append(scalar)
            }
        }
        return end < text.unicodeScalars.count ? line + "…" : line
    }
}
