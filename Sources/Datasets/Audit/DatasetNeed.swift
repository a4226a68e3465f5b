/// What would make a dataset better, in the order of what it is worth. Facts; the words are said where they are shown.
package enum DatasetNeed: Sendable, Hashable {
    /// So many effective examples are missing to the next size band.
    case moreExamples(Int, reaches: SizeBand)
    /// Rows that would count if their conflicts were settled.
    case settledConflicts(rows: Int)
    /// The labels with the fewest rows.
    case rowsForLabels([LabelInventory.Label])
    /// Rows that would count if they said something new.
    case newRows(insteadOfCopies: Int)
    /// Rows that were dropped and could be repaired.
    case readableRows(Int)
    /// Nothing tells real requests from invented ones.
    case realRows
}

extension DatasetProfile {
    package var needs: [DatasetNeed] {
        var needs: [DatasetNeed] = []
        if dropped > 0 { needs.append(.readableRows(dropped)) }
        if conflictingRows > 0 { needs.append(.settledConflicts(rows: conflictingRows)) }
        let copies = kept - multiplicities.values.reduce(0, +)
        if copies > 0 { needs.append(.newRows(insteadOfCopies: copies)) }
        if let nextBand { needs.append(.moreExamples(nextBand.missing, reaches: nextBand.band)) }
        if let labels, let most = labels.labels.first?.count {
            let rare = labels.labels.filter { 4 * $0.count <= most }
            if !rare.isEmpty { needs.append(.rowsForLabels(rare.suffix(5).reversed())) }
        }
        if realRows == 0 { needs.append(.realRows) }
        return needs
    }
}
