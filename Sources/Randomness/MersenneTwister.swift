/// MT19937, number for number what `torch.Generator` draws on a CPU.
///
/// Used only where order and start values must equal those of a Hugging Face run with the same seed; everything else
/// uses `CounterGenerator`. A value: a copy is a snapshot. (Matsumoto and Nishimura 1998.)
package struct MersenneTwister: Sendable, Hashable {
    private static let length = 624
    private static let middle = 397

    private var words: [UInt32]
    private var place = MersenneTwister.length

    /// Seeded like `torch.manual_seed`: the low 32 bits count.
    package init(seed: Int) {
        words = [UInt32(truncatingIfNeeded: seed)]
        words.reserveCapacity(Self.length)
        for index in 1..<UInt32(Self.length) {
            let last = words[Int(index) - 1]
            words.append(1_812_433_253 &* (last ^ last >> 30) &+ index)
        }
    }

    package mutating func next() -> UInt32 {
        if place == Self.length { refill() }
        var word = words[place]
        place += 1
        word ^= word >> 11
        word ^= word << 7 & 0x9D2C_5680
        word ^= word << 15 & 0xEFC6_0000
        return word ^ word >> 18
    }

    private mutating func refill() {
        words.withUnsafeMutableBufferPointer { words in
            for index in 0..<Self.length {
                let word = words[index] & 0x8000_0000 | words[(index + 1) % Self.length] & 0x7FFF_FFFF
                words[index] = words[(index + Self.middle) % Self.length] ^ word >> 1 ^ (word & 1) &* 0x9908_B0DF
            }
        }
        place = 0
    }

    /// `torch.randperm(count)`.
    package mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for index in 0..<max(0, count - 1) {
            order.swapAt(index, index + Int(next()) % (count - index))
        }
        return order
    }

    /// `torch.empty(…).uniform_(lower, upper)` in float32: 24 random bits, scaled with one rounding.
    package mutating func uniform(_ lower: Double, _ upper: Double) -> Float {
        let share = Float(next() & 0xFF_FFFF) * 0x1p-24
        return Float(lower).addingProduct(share, Float(upper - lower))
    }

    package mutating func discard(_ count: Int) {
        for _ in 0..<count { _ = next() }
    }
}
