/// Answers to questions with lettered choices.
enum ChoiceAnswer {
    static func isLetter(_ text: String) -> Bool { letter(in: text) != nil && LabelScores.fold(text).count == 1 }

    /// The first letter from A to H that stands alone: `B`, `(b)`, `B. Paris`, `The answer is C`. A small `a` that begins a
    /// sentence is a word and no choice.
    static func letter(in text: String) -> Character? {
        let words = text.split { !$0.isLetter && !$0.isNumber }
        let alone = words.filter { $0.count == 1 && "ABCDEFGHabcdefgh".contains($0) }
        let found = words.count == 1 ? alone.first : alone.first { $0.first?.isUppercase == true } ?? alone.last
        return found?.uppercased().first
    }
}

/// How far a text goes round in circles.
enum Repetition {
    /// Share of runs of three words that came before in the text; 0 for shorter ones.
    static func share(of text: String) -> Double {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count >= 3 else { return 0 }
        let runs = words.indices.dropLast(2).map { words[$0...($0 + 2)] }
        return 1 - Double(Set(runs).count) / Double(runs.count)
    }
}
