/// Which members of a row say where it comes from, who checked it and what it belongs to.
///
/// Data sets name them differently: a person may name the column, otherwise usual names are tried in order.
package struct RowFields: Sendable, Hashable {
    package enum Field: String, Sendable, Hashable, CaseIterable {
        case group, source, real, split, reviewer, licence
    }

    private var columns: [Field: [String]] = [
        .group: ["group"], .source: ["source"], .real: ["real"], .split: ["split"],
        .reviewer: ["reviewer", "reviewed_by", "approved_by", "annotator", "annotator_id"],
        .licence: ["licence", "license"],
    ]

    package init() {}

    /// From now on only `column` counts for `field`.
    package mutating func map(_ field: Field, to column: String) { columns[field] = [column] }

    subscript(field: Field) -> [String] { columns[field] ?? [] }
}
