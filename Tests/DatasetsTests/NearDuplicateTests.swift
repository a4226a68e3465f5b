import Testing

@testable import Datasets

@Suite("Near duplicates are all found, and verified")
struct NearDuplicateTests {
    /// Small random texts with planted variations; a fixed linear congruence, so that every run tests the same.
    static func texts(_ count: Int, words: Int, seed: UInt64) -> [String] {
        var state = seed
        func next(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(below))
        }
        var texts: [String] = []
        for row in 0..<count {
            if row > 10, next(3) == 0 {
                var copy = texts[next(row)].split(separator: " ").map(String.init)
                for _ in 0...next(3) { copy[next(copy.count)] = "w\(next(400))" }
                texts.append(copy.joined(separator: " "))
            } else {
                texts.append((0..<(3 + next(words))).map { _ in "w\(next(400))" }.joined(separator: " "))
            }
        }
        return texts
    }

    @Test("Recall and precision are exact against brute force", arguments: [0.55, 0.7, 0.8, 0.9], [4, 30, 90])
    func agreesWithBruteForce(threshold: Double, words: Int) {
        let texts = Self.texts(700, words: words, seed: 11)
        let sets = texts.map(Shingles.of)
        let found = NearDuplicates(texts: texts, threshold: threshold, boilerplate: 1, threads: 2).earlierMatches()
        for row in texts.indices {
            let wanted = (0..<row).filter { Shingles.similarity(sets[row][...], sets[$0][...]) >= threshold }
            if wanted.count <= 16 {
                #expect(found[row].map { Int($0) } == wanted)
            } else {
                #expect(found[row].count == 16)
            }
        }
    }

    @Test("Every text that has a match among the others is given one, however many it resembles elsewhere")
    func matchesAmongOthers() {
        let texts = Self.texts(500, words: 12, seed: 5) + (0..<40).map { "one two three four five six seven w\($0)" }
        let sets = texts.map(Shingles.of)
        let isOther = texts.indices.map { $0 % 3 == 1 || $0 == texts.count - 1 }
        let found = NearDuplicates(texts: texts, threshold: 0.7, boilerplate: 1, threads: 2)
            .matches(of: isOther.map { !$0 }, among: isOther)
        for row in texts.indices {
            let wanted = texts.indices.filter {
                isOther[$0] && !isOther[row] && Shingles.similarity(sets[row][...], sets[$0][...]) >= 0.7
            }
            #expect(found[row] >= 0 ? wanted.contains(Int(found[row])) : wanted.isEmpty)
        }
    }

    @Test("Rows are numbered by the first row with an equal key, and sets stand in the order of the file")
    func rowSets() {
        let keys: [UInt64] = [7, 3, 7, 0, 3, 3, 9]
        let firsts = RowSets.firsts(ofEqual: keys)
        #expect(firsts == [0, 1, 0, 3, 1, 1, 6])
        #expect(RowSets(firsts: firsts).map(Array.init) == [[0, 2], [1, 4, 5], [3], [6]])
        #expect(RowSets(firsts: []).isEmpty)
    }

    @Test("Short rows are compared with short rows")
    func shortRows() {
        let found = NearDuplicates(
            texts: ["hola amigo mio", "hola amigo mia", "ok", "ok", "no", "", ""], threshold: 0.7, boilerplate: 1,
            threads: 1
        ).earlierMatches()
        #expect(found[1] == [0])
        #expect(found[3] == [2])
        #expect(found[4] == [])
        #expect(found[6] == [])
    }

    @Test("Scripts without spaces have pieces too")
    func unspacedScripts() {
        let one = Shingles.of("今日は天気がとても良いので公園へ散歩に行きましょう")
        let other = Shingles.of("今日は天気がとても良いので公園へ散歩に行きます")
        #expect(Shingles.similarity(one[...], other[...]) > 0.7)
        #expect(Shingles.similarity(one[...], Shingles.of("明日は雨が降るそうですから傘を持って出かけてください")[...]) < 0.1)
    }
}
