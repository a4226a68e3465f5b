/// Answers taken as labels of a fixed set.
package struct LabelScores: Sendable {
    /// Every label that was expected somewhere, folded, in order of first appearance.
    package let labels: [String]
    private let indices: [String: Int]

    /// An answer that names no known label gets this class of its own: it is wrong, and it is counted.
    package let unknown: Int

    package init(expected: some Sequence<String>) {
        var labels: [String] = [], indices: [String: Int] = [:]
        for label in expected.lazy.map(Self.fold) where indices[label] == nil {
            indices[label] = labels.count
            labels.append(label)
        }
        self.labels = labels
        self.indices = indices
        unknown = labels.count
    }

    /// The place of the label in `labels`, or `unknown`.
    package func index(of text: String) -> Int { indices[Self.fold(text)] ?? unknown }

    /// Case, surrounding space and quotes, and one closing full stop do not change a label.
    static func fold(_ text: String) -> String {
        var label = text.lowercased().drop(while: isOrnament)
        while let last = label.last, isOrnament(last) || last == "." { label.removeLast() }
        return String(label)
    }

    private static func isOrnament(_ character: Character) -> Bool {
        character.isWhitespace || character == "\"" || character == "'" || character == "`"
    }

    /// Mean F1 over the labels that occur among `expected` or `given` (scikit-learn's `average="macro"`,
    /// `zero_division=0`). The class of unknown answers counts once it occurs.
    static func macroF1(expected: some Sequence<Int>, given: some Sequence<Int>, classes: Int) -> Double {
        var right = [Int](repeating: 0, count: classes)
        var seen = right
        for (wanted, got) in zip(expected, given) {
            seen[wanted] += 1
            seen[got] += 1
            if wanted == got { right[wanted] += 1 }
        }
        var sum = 0.0, present = 0
        for label in 0..<classes where seen[label] > 0 {
            // F1 = 2·right / (expected + given), which needs neither precision nor recall.
            sum += 2 * Double(right[label]) / Double(seen[label])
            present += 1
        }
        return present == 0 ? 0 : sum / Double(present)
    }
}
