package import Datasets

/// The few rows that stand best for all of them: what to show a model in a prompt.
///
/// Greedy maximisation of coverage (facility location): each pick is the row that most raises the sum, over all rows,
/// of the similarity to their nearest pick. Greedy reaches at least 63 % of the best possible sum (Nemhauser, Wolsey and
/// Fisher 1978), and picks are alike neither in wording nor in answer.
package struct ExampleChoice: Sendable {
    /// In the order they were picked: the most representative first.
    package let chosen: [Example]
    /// Rows that were looked at.
    package let candidates: Int

    package init(from examples: [Example], count: Int) {
        let usable = examples.filter { !$0.request.isEmpty && !$0.completion.isEmpty && !$0.isMultiTurn }
        let sample = Self.evenly(usable, most: Self.mostCandidates)
        candidates = sample.count
        let words = sample.map { Set(Self.words($0.request)).union(Self.words($0.completion).map { "=" + $0 }) }
        // Long rows cost tokens in every request: among equals the short one is shown.
        let lengths = sample.map { Double($0.request.utf8.count + $0.completion.utf8.count) }
        let longest = max(1, lengths.max() ?? 1)
        var covered = [Double](repeating: 0, count: sample.count)
        var picks: [Int] = []
        while picks.count < min(count, sample.count) {
            var best: (place: Int, gain: Double)?
            for place in sample.indices where !picks.contains(place) {
                var gain = -lengths[place] / longest * 0.01 * Double(sample.count)
                for other in sample.indices {
                    gain += max(0, Self.similarity(words[place], words[other]) - covered[other])
                }
                if gain > best?.gain ?? -.infinity { best = (place, gain) }
            }
            guard let best else { break }
            picks.append(best.place)
            for other in sample.indices {
                covered[other] = max(covered[other], Self.similarity(words[best.place], words[other]))
            }
        }
        chosen = picks.map { sample[$0] }
    }

    private static let mostCandidates = 300

    private static func evenly(_ examples: [Example], most: Int) -> [Example] {
        guard examples.count > most else { return examples }
        return (0..<most).map { examples[$0 * examples.count / most] }
    }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// Shared words by all words (Jaccard).
    private static func similarity(_ one: Set<String>, _ other: Set<String>) -> Double {
        let shared = one.intersection(other).count
        let all = one.count + other.count - shared
        return all == 0 ? 1 : Double(shared) / Double(all)
    }
}
