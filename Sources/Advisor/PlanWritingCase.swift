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
    /// An earlier run lost general ability beyond the margin.
    package var hasForgotten: Bool
    package var dataPaths: [String]
    package var format: DataFormat
    /// All usable rows, before the split, encoded with this model's tokenizer and template.
    package var rows: Int
    package var lengths: LengthStatistics
    /// The tokens were estimated from bytes, because the model is not on this disk.
    package var lengthsAreEstimated: Bool
    /// The shortest maximum length at which every row keeps something to learn.
    package var leastLength: Int
    /// Target tokens of the row with the longest wanted answer.
    package var longestAnswer: Int
    /// Training rows where the owner of the data decided the parts; nil where hone draws them.
    package var ownedTrainingRows: Int?
    /// Test rows that show the effect somebody wants to see; nil where nobody named one.
    package var testRowsWanted: Int?
    /// General conversations that may be mixed in; nil where there are none.
    package var generalMixSource: String?
    /// Target tokens of a usual general row: short ones are many rows for their share; nil where nobody has counted.
    package var generalRowTargets: Double?
    package var dataFingerprint: String?
    package var templateFingerprint: String?
    package var machine: MachineProfile
    /// What the bundled trainer needs to know about the model; nil where its memory is not to be checked.
    package var facts: ModelFacts?
    /// The accelerators that train; nil for this machine's processor.
    package var accelerator: PlanAccelerator?

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
        hasForgotten = false
        lengthsAreEstimated = false
        leastLength = 0
        format = .auto
    }
}

/// Accelerators of one kind, and the model as their memory sees it.
package struct PlanAccelerator: Sendable {
    package let device: Device
    package let count: Int
    package let architecture: Architecture
    package let tables: MemoryTables

    package init(device: Device, count: Int, architecture: Architecture, tables: MemoryTables) {
        self.device = device
        self.count = count
        self.architecture = architecture
        self.tables = tables
    }

    /// Whether the device computes bf16 itself; such devices also have attention kernels that keep packed rows apart.
    package var hasBF16: Bool { device.bf16.hasPrefix("yes") }
}

/// Why no plan could be written.
package enum PlanWritingError: Error, Sendable, Hashable {
    case noRows
    /// The rule book lacks a row that plans are written from.
    case missingRow(table: String, row: String)
    /// Nothing the rules know makes the model fit the accelerator.
    case nothingFits(model: String, device: String, count: Int)
}
