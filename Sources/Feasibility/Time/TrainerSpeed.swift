import JSONText
package import Plan

/// Seconds that each kind of work takes with a given number of threads.
package struct TrainerSpeed: Sendable, Hashable {
    package let threads: Int
    /// The number format of frozen weights and products.
    package let precision: Precision
    /// In the order of `StepWork.Kind`.
    let secondsPerUnit: [Double]

    package func seconds(for work: StepWork) -> Double {
        zip(secondsPerUnit, work.amounts).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The same machine with another number of threads: everything that is split is split further; waiting for each other
    /// and for the memory is not.
    func scaled(to other: Int) -> TrainerSpeed {
        let factor = Double(threads) / Double(max(1, other)), unsplit: [StepWork.Kind] = [.layers, .weights]
        return TrainerSpeed(
            threads: other, precision: precision,
            secondsPerUnit: StepWork.Kind.allCases.map {
                secondsPerUnit[$0.position] * (unsplit.contains($0) ? 1 : factor)
            })
    }

    /// What explains measured passes best: least squares of the relative errors, no kind of work taking negative time.
    ///
    /// - Parameter passes: Work and the seconds it took; at least as many as there are kinds.
    init(threads: Int, precision: Precision = .fp32, fitting passes: [(work: StepWork, seconds: Double)]) {
        (self.threads, self.precision) = (threads, precision)
        let rows = passes.filter { $0.seconds > 0 }.map { pass in pass.work.amounts.map { $0 / pass.seconds } }
        let sizes = StepWork.Kind.allCases.map { kind in rows.map { $0[kind.position] }.max() ?? 0 }
        let scaled = rows.map { row in zip(row, sizes).map { $1 > 0 ? $0 / $1 : 0 } }
        let found = nonNegativeLeastSquares(scaled, equalTo: 1)
        secondsPerUnit = zip(found, sizes).map { $1 > 0 ? $0 / $1 : 0 }
    }

    /// Until this machine was measured: what one core with AVX-512 was measured to take, twice that with AVX2, eight times
    /// that without either.
    /// Products of bfloat16 take half the time where the processor has them, and are no faster elsewhere.
    static func assumed(on machine: MachineProfile, threads: Int, precision: Precision = .fp32) -> TrainerSpeed {
        let products = precision == .bf16 && machine.multipliesBFloat16 ? 0.5 : 1
        let slower =
            machine.instructionSets.contains("avx512f") ? 1.0 : machine.instructionSets.contains("avx2") ? 2 : 8
        let one = TrainerSpeed(
            threads: 1, precision: precision,
            secondsPerUnit: [products * 1e-11, 2.7e-10, 1e-10, products * 1.1e-11, 1.2e-11, 1.3e-9, 8e-10, 1e-5]
                .map { $0 * slower })
        return one.scaled(to: max(1, min(threads, machine.cores)))
    }

    init(threads: Int, precision: Precision = .fp32, secondsPerUnit: [Double]) {
        (self.threads, self.precision) = (threads, precision)
        self.secondsPerUnit = secondsPerUnit
    }

    var json: JSONValue {
        .object(
            JSONObject(StepWork.Kind.allCases.map { ($0.rawValue, JSONValue(secondsPerUnit[$0.position])) }))
    }

    /// What it is called in a file: `2`, or `2 bf16`.
    var name: String { precision == .fp32 ? "\(threads)" : "\(threads) \(precision.rawValue)" }

    init?(name: String, _ json: JSONValue) {
        let words = name.split(separator: " ")
        guard let threads = words.first.flatMap({ Int($0) }),
            let precision = words.count == 1 ? .fp32 : words.count == 2 ? Precision(rawValue: String(words[1])) : nil
        else { return nil }
        let values = StepWork.Kind.allCases.compactMap { json[$0.rawValue]?.doubleValue }
        guard threads > 0, values.count == StepWork.Kind.allCases.count, values.allSatisfy({ $0 >= 0 && $0 < 1 }),
            values.contains(where: { $0 > 0 })
        else { return nil }
        self.init(threads: threads, precision: precision, secondsPerUnit: values)
    }
}

/// Minimises the squares of `rows * x - target` over x of nothing below zero, one coordinate after the other.
private func nonNegativeLeastSquares(_ rows: [[Double]], equalTo target: Double) -> [Double] {
    let count = rows.first?.count ?? 0
    var solution = [Double](repeating: 0, count: count), residuals = rows.map { _ in -target }
    for _ in 0..<20_000 {
        var largestChange = 0.0
        for column in 0..<count {
            let squares = rows.reduce(0) { $0 + $1[column] * $1[column] }
            guard squares > 0 else { continue }
            let slope = zip(rows, residuals).reduce(0) { $0 + $1.0[column] * $1.1 }
            let next = max(0, solution[column] - slope / squares), change = next - solution[column]
            guard change != 0 else { continue }
            for row in rows.indices { residuals[row] += rows[row][column] * change }
            solution[column] = next
            largestChange = max(largestChange, abs(change))
        }
        if largestChange < 1e-12 { break }
    }
    return solution
}
