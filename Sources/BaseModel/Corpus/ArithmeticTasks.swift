/// Small sums, differences, products, comparisons and sequences.
struct ArithmeticTasks {
    func row(_ random: inout CorpusRandom) -> CorpusRow {
        let (question, answer) = task(&random)
        return CorpusRow(.arithmetic, user: KnowledgeTasks.dressed(question, &random), assistant: String(answer))
    }

    private func task(_ random: inout CorpusRandom) -> (String, Int) {
        let a = random.whole(0...12)
        let b = random.whole(0...12)
        let larger = max(a, b)
        let smaller = min(a, b)
        let n = random.whole(1...98)
        return random.pick([
            ("What is \(a) plus \(b)?", a + b), ("How much is \(a) + \(b)?", a + b), ("Add \(a) and \(b).", a + b),
            ("\(a) + \(b) = ?", a + b), ("What is the sum of \(a) and \(b)?", a + b),
            ("What is \(larger) minus \(smaller)?", larger - smaller),
            ("How much is \(larger) - \(smaller)?", larger - smaller),
            ("Take \(smaller) away from \(larger).", larger - smaller),
            ("What is \(min(a, 10)) times \(min(b, 10))?", min(a, 10) * min(b, 10)),
            ("Which is larger, \(n) or \(n + a + 1)?", n + a + 1), ("Which is smaller, \(n + b + 1) or \(n)?", n),
            ("What number comes after \(n)?", n + 1), ("What number comes before \(n)?", n - 1),
            ("What is half of \(2 * larger)?", larger), ("What is double \(a)?", 2 * a),
            ("What comes next: \(n), \(n + 1), \(n + 2)?", n + 3),
            ("I have \(larger) apples and eat \(smaller). How many are left?", larger - smaller),
            ("There are \(a) birds and \(b) more come. How many birds are there?", a + b),
        ])
    }
}
