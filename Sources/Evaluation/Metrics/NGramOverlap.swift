/// Counts of runs of neighbouring units in two texts, and how many they share: what BLEU, chrF and ROUGE-N are made of.
struct NGramOverlap: Sendable, Hashable {
    var shared = 0
    var given = 0
    var wanted = 0

    static func + (one: Self, other: Self) -> Self {
        var sum = one
        sum.shared += other.shared
        sum.given += other.given
        sum.wanted += other.wanted
        return sum
    }

    /// One overlap for each length from 1 to `longest`. Units are given as hashes of 64 bits: among the runs of one pair of
    /// texts two that differ have equal ones about once in 10^14 pairs.
    static func all(_ given: [UInt64], _ wanted: [UInt64], longest: Int) -> [NGramOverlap] {
        var first = given, second = wanted
        return (1...longest).map { length in
            if length > 1 {
                extend(&first, given, length)
                extend(&second, wanted, length)
            }
            return NGramOverlap(
                shared: shared(first.prefix(max(0, given.count - length + 1)), second.prefix(max(0, wanted.count - length + 1))),
                given: max(0, given.count - length + 1), wanted: max(0, wanted.count - length + 1))
        }
    }

    /// Runs one unit longer than before, each at the place where it starts.
    private static func extend(_ runs: inout [UInt64], _ units: [UInt64], _ length: Int) {
        guard units.count >= length else { return }
        for start in 0...(units.count - length) { runs[start] = mixed(runs[start], units[start + length - 1]) }
    }

    static func mixed(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let product = (one ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: other ^ 0xE703_7ED1_A0B4_28DB)
        return product.high ^ product.low &+ other
    }

    /// The size of the intersection of two bags.
    private static func shared(_ given: ArraySlice<UInt64>, _ wanted: ArraySlice<UInt64>) -> Int {
        guard !given.isEmpty, !wanted.isEmpty else { return 0 }
        var capacity = 16
        while capacity < wanted.count * 2 { capacity *= 2 }
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: capacity) { keys in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: capacity) { left in
                // 0 is a free place; what is there counts from 1.
                left.initialize(repeating: 0)
                func place(of run: UInt64) -> Int {
                    var place = Int(truncatingIfNeeded: run) & (capacity - 1)
                    while left[place] != 0, keys[place] != run { place = (place + 1) & (capacity - 1) }
                    return place
                }
                for run in wanted {
                    let place = place(of: run)
                    if left[place] == 0 {
                        keys[place] = run
                        left[place] = 1
                    }
                    left[place] += 1
                }
                var shared = 0
                for run in given {
                    let place = place(of: run)
                    guard left[place] > 1 else { continue }
                    left[place] -= 1
                    shared += 1
                }
                return shared
            }
        }
    }
}

/// Texts as lists of hashed words: what two words are does not matter, only whether they are the same.
struct HashedWords {
    private(set) var words: [UInt64] = []
    private var state = Self.start
    private var isOpen = false
    private static let start: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        isOpen = true
    }

    mutating func endWord() {
        guard isOpen else { return }
        words.append(NGramOverlap.mixed(state, 1))
        (state, isOpen) = (Self.start, false)
    }

    static func word(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hashed = HashedWords()
        for byte in bytes { hashed.add(byte) }
        hashed.endWord()
        return hashed.words.first ?? 0
    }
}
