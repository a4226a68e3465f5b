/// A weight while the start is being made: rows are outputs, as in Hugging Face files.
struct Matrix {
    let columns: Int
    private(set) var values: [Double]

    /// Normally distributed values.
    init(rows: Int, columns: Int, spread: Double, random: inout CorpusRandom) {
        self.columns = columns
        values = (0..<rows * columns).map { _ in random.normal() * spread }
    }

    mutating func setRow(_ row: Int, to new: [Double]) {
        for column in 0..<columns { values[row * columns + column] = new[column] }
    }

    mutating func setColumn(_ column: Int, to new: [Double]) {
        for row in new.indices { values[row * columns + column] = new[row] }
    }

    /// Keeps a part of the row and adds `addend`, if any.
    mutating func blendRow(_ row: Int, with addend: [Double]?, keeping part: Double) {
        for column in 0..<columns {
            values[row * columns + column] = values[row * columns + column] * part + (addend?[column] ?? 0)
        }
    }

    /// Gives every row the same `part` of its length along a unit direction; lengths stay what they are on average.
    mutating func share(_ direction: [Double], part: Double, spread: Double) {
        let own = (1 - part * part).squareRoot(), shared = part * spread * Double(columns).squareRoot()
        for start in stride(from: 0, to: values.count, by: columns) {
            let along = (0..<columns).reduce(0) { $0 + values[start + $1] * direction[$1] }
            for column in 0..<columns {
                let rest = values[start + column] - along * direction[column]
                values[start + column] = own * rest + shared * direction[column]
            }
        }
    }
}
