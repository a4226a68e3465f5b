package import Datasets
package import Feasibility
package import Plan

/// Everything a plan is written from, measured or decided before.
package struct PlanWritingCase: Sendable {
    package var model: ModelReference
    package var parameterCount: Int
    /// The longest row the model can see at all.
    package var contextLength: Int
    /// The longest request and answer together that will be served, when it was answered.
    package var servingContext: Int?
    /// From the decision; nil where none was made.
    package var method: MethodKind?
    package var stakesAreHigh: Bool
    package var dataPaths: [String]
    package var format: DataFormat
    /// All usable rows, before the split, encoded with this model's tokenizer and template.
    package var rows: Int
    package var lengths: LengthStatistics
    /// Target tokens of the row with the longest wanted answer.
    package var longestAnswer: Int
    /// General conversations that may be mixed in; nil where there are none.
    package var generalMixPath: String?
    package var machine: MachineProfile

    package init(
        model: ModelReference, parameterCount: Int, contextLength: Int, dataPaths: [String], rows: Int,
        lengths: LengthStatistics, longestAnswer: Int, machine: MachineProfile
    ) {
        self.model = model
        self.parameterCount = parameterCount
        self.contextLength = contextLength
        self.dataPaths = dataPaths
        self.rows = rows
        self.lengths = lengths
        self.longestAnswer = longestAnswer
        self.machine = machine
        stakesAreHigh = false
        format = .auto
    }
}

/// Why no plan could be written.
package enum PlanWritingError: Error, Sendable, Hashable {
    case noRows
    /// The rule book lacks a row that plans are written from.
    case missingRow(table: String, row: String)
}
