import Testing

@testable import Randomness

@Suite struct CounterGeneratorTests {
    @Test("blocks equal the known answers of the Random123 library")
    func knownAnswers() {
        #expect(
            CounterGenerator.block(.zero, key: .zero) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        let ones = SIMD4<UInt32>(repeating: .max)
        #expect(
            CounterGenerator.block(ones, key: SIMD2(repeating: .max))
                == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
        #expect(
            CounterGenerator.block(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], key: [0xa409_3822, 0x299f_31d0])
                == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
    }

    @Test("a place has its own numbers, whatever was drawn elsewhere")
    func placesAreIndependent() {
        var one = CounterGenerator(seed: 3, place: .init(step: 10, row: 2))
        var other = CounterGenerator(seed: 3, place: .init(step: 10, row: 3))
        let first = (0..<8).map { _ in one.nextWord() }
        #expect(first != (0..<8).map { _ in other.nextWord() })
        var again = CounterGenerator(seed: 3, place: .init(step: 10, row: 2))
        #expect(first == (0..<8).map { _ in again.nextWord() })
    }

    @Test("bounded numbers reach every value about equally often")
    func boundedNumbers() {
        var generator = CounterGenerator(seed: -5)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[generator.next(below: 7)] += 1 }
        #expect(counts.allSatisfy { abs($0 - 10_000) < 500 }, "\(counts)")
        #expect((0..<1000).allSatisfy { _ in (0..<1).contains(generator.uniform()) })
    }

    @Test("a permutation holds every index once")
    func permutations() {
        var generator = CounterGenerator(seed: 1)
        let order = generator.permutation(1000)
        #expect(order.sorted() == Array(0..<1000))
        #expect(order != Array(0..<1000))
    }
}
