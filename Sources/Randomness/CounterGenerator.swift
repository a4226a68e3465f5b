/// Philox4x32-10: random numbers as a function of a seed and a place, not of what was drawn before.
///
/// Dropout, noise and sampling use it so that results do not depend on batch order or the number of threads, and so that a
/// resumed run continues with the numbers it would have had. (Salmon and others 2011, "Parallel random numbers: as easy as
/// 1, 2, 3".)
package struct CounterGenerator: Sendable, Hashable, RandomNumberGenerator {
    /// Where in a run a stream of numbers belongs.
    package struct Place: Sendable, Hashable {
        package var step: UInt32
        package var row: UInt32
        package var layer: UInt32

        package init(step: Int = 0, row: Int = 0, layer: Int = 0) {
            self.step = UInt32(truncatingIfNeeded: step)
            self.row = UInt32(truncatingIfNeeded: row)
            self.layer = UInt32(truncatingIfNeeded: layer)
        }
    }

    private let key: SIMD2<UInt32>
    private let place: Place
    private var block: UInt32 = 0
    private var words = SIMD4<UInt32>()
    /// Words of the present block already handed out; 4 at first, when there is no block yet.
    private var used = 4

    package init(seed: Int, place: Place = Place()) {
        let bits = UInt64(bitPattern: Int64(seed))
        key = [UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32)]
        self.place = place
    }

    package mutating func nextWord() -> UInt32 {
        if used == 4 {
            words = Self.block([block, place.step, place.row, place.layer], key: key)
            block &+= 1
            used = 0
        }
        defer { used += 1 }
        return words[used]
    }

    package mutating func next() -> UInt64 {
        let low = UInt64(nextWord())
        return UInt64(nextWord()) << 32 | low
    }

    /// At least 0 and below 1, with 53 random bits.
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// One of `0 ..< bound`, each equally likely. Own code because the standard library may change its recipe.
    package mutating func next(below bound: Int) -> Int {
        precondition(bound > 0, "no number is below \(bound)")
        let bound = UInt64(bound)
        let tooMany = (0 &- bound) % bound
        while true {
            let (high, low) = bound.multipliedFullWidth(by: next() as UInt64)
            if low >= tooMany { return Int(high) }
        }
    }

    /// All of `0 ..< count` in random order.
    package mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for index in 0..<max(0, count - 1) { order.swapAt(index, index + next(below: count - index)) }
        return order
    }

    /// The four words of one counter value.
    static func block(_ counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var counter = counter, key = key
        for round in 0..<10 {
            if round > 0 { key &+= [0x9E37_79B9, 0xBB67_AE85] }
            let (high0, low0) = (0xD251_1F53 as UInt32).multipliedFullWidth(by: counter.x)
            let (high1, low1) = (0xCD9E_8D57 as UInt32).multipliedFullWidth(by: counter.z)
            counter = [high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0]
        }
        return counter
    }
}
