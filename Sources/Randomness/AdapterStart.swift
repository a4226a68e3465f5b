/// The start values of a new LoRA adapter: A uniform as PEFT draws it, B zero.
///
/// PEFT makes both matrices as ordinary linear layers and draws A a second time, so two of three draws per layer are thrown
/// away. With the seed of a TRL run the values are equal bit for bit, as long as the base model came from disk.
package struct AdapterStart: Sendable {
    private var generator: MersenneTwister

    package init(seed: Int) { generator = MersenneTwister(seed: seed) }

    /// A of the next target layer in module order, `[rank, inputs]` row by row: uniform within ±1/√inputs.
    package mutating func nextA(rank: Int, inputs: Int, outputs: Int) -> [Float] {
        generator.discard(rank * inputs + outputs * rank)
        // Kaiming's formula with a = √5, in the order of torch's roundings.
        let bound = (6 / Double((1 + 5) * inputs)).squareRoot()
        return (0..<rank * inputs).map { _ in generator.uniform(-bound, bound) }
    }
}
