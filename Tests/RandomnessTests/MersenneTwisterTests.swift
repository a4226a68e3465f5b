import Randomness
import Testing

/// Numbers from `Tests/Oracles/torch-rng/make.py`; all exact.
@Suite struct MersenneTwisterTests {
    @Test(
        "the first number of a seed is the published one",
        arguments: [(0, 2_357_136_044), (1, 1_791_095_845), (42, 1_608_637_542)])
    func firstNumbers(seed: Int, expected: UInt32) {
        var generator = MersenneTwister(seed: seed)
        #expect(generator.next() == expected)
    }

    @Test("permutations equal torch.randperm")
    func permutations() {
        var generator = MersenneTwister(seed: 42)
        #expect(generator.permutation(11) == [6, 8, 9, 2, 1, 10, 0, 7, 3, 5, 4])
        for (seed, count, sum) in [
            (42, 1000, 0x567e_9771_e0df_c851), (1 << 31 + 5, 1000, 0xfabf_6b12_ee5c_ab3d),
            (7, 100_000, 0xa7cb_4a3c_cbd7_cc59),
        ] as [(Int, Int, UInt64)] {
            var generator = MersenneTwister(seed: seed)
            #expect(checksum(generator.permutation(count).map { UInt32($0) }) == sum)
        }
    }

    @Test("nothing and one element need no draw")
    func smallPermutations() {
        var generator = MersenneTwister(seed: 1)
        #expect(generator.permutation(0).isEmpty)
        #expect(generator.permutation(1) == [0])
        #expect(generator == MersenneTwister(seed: 1))
    }

    @Test("uniform numbers equal torch's bit for bit")
    func uniforms() {
        var generator = MersenneTwister(seed: 42)
        #expect(checksum((0..<5000).map { _ in generator.uniform(-0.125, 0.37).bitPattern }) == 0xdafb_5d52_3093_b1e5)
    }

    @Test("start values of an adapter equal PEFT's bit for bit")
    func adapterStart() {
        var start = AdapterStart(seed: 42)
        var bits: [UInt32] = []
        for (inputs, outputs) in [(32, 32), (32, 16), (64, 32), (96, 64)] {
            bits += start.nextA(rank: 4, inputs: inputs, outputs: outputs).map(\.bitPattern)
        }
        #expect(checksum(bits) == 0x51b0_10ac_d4a7_3f23)
    }

    /// FNV-1a over the bytes of the words, little end first.
    private func checksum(_ words: [UInt32]) -> UInt64 {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for word in words {
            for shift in [0, 8, 16, 24] as [UInt32] { value = (value ^ UInt64(word >> shift & 255)) &* 0x100_0000_01B3 }
        }
        return value
    }
}
