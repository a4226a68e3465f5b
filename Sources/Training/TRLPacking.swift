package import Datasets
package import Plan

/// Rows joined to sequences of the maximum length as TRL 1.16 joins them (`trl.pack_dataset`), a thousand rows at a time.
package enum TRLPacking {
    /// TRL maps its packer over this many rows; nothing is joined across the border.
    private static let chunk = 1000

    /// Whole rows, longest first, each into the fullest sequence that has room for it, among equally full ones into the
    /// one that has been so longest. Empty rows are left out.
    static func bestFitDecreasing(_ rows: [Int], _ lengths: [Int], maxLength: Int) -> [[Int]] {
        chunks(of: rows).flatMap { rows in
            let sorted = rows.enumerated().filter { lengths[$0.element] > 0 }.sorted {
                (lengths[$1.element], $0.offset) < (lengths[$0.element], $1.offset)
            }
            var sequences: [[Int]] = []
            // Sequences by the room they have left, in the order in which they came to have it.
            var waiting: [Int: [Int]] = [:]
            for row in sorted.map(\.element) {
                let length = min(lengths[row], maxLength)
                let fitting = waiting.keys.filter { $0 >= length }.min()
                let sequence: Int, room: Int
                if let fitting, let first = waiting[fitting]?.first {
                    (sequence, room) = (first, fitting)
                    waiting[fitting]?.removeFirst()
                    if waiting[fitting]?.isEmpty ?? true { waiting[fitting] = nil }
                } else {
                    (sequence, room) = (sequences.count, maxLength)
                    sequences.append([])
                }
                sequences[sequence].append(row)
                if room > length { waiting[room - length, default: []].append(sequence) }
            }
            return sequences
        }
    }

    /// Rows one behind the other, cut wherever the maximum length is reached: a target may be predicted from the row before.
    static func wrapped(_ rows: [EncodedExample], maxLength: Int) -> [EncodedExample] {
        chunks(of: rows).flatMap { rows in
            let ids = rows.flatMap(\.inputIDs), isTarget = rows.flatMap(\.isTarget)
            return stride(from: 0, to: ids.count, by: maxLength).map { start in
                let range = start..<min(start + maxLength, ids.count)
                return EncodedExample(
                    index: rows[0].index, line: rows[0].line, inputIDs: Array(ids[range]),
                    isTarget: Array(isTarget[range]))
            }
        }
    }

    private static func chunks<Row>(of rows: [Row]) -> [[Row]] {
        stride(from: 0, to: rows.count, by: chunk).map { Array(rows[$0..<min($0 + chunk, rows.count)]) }
    }
}

extension Array where Element == EncodedExample {
    /// What micro-batches are made of: the rows, or the pieces that `packing_strategy: wrapped` cuts them into.
    package func joined(by plan: RunPlan) -> [EncodedExample] {
        plan.trlPacking == .wrapped ? TRLPacking.wrapped(self, maxLength: plan.training.maxLength) : self
    }
}

/// Validation rows whose mean loss TRL takes at once.
package struct ValidationBatch: Sendable, Hashable {
    /// Indices of rows.
    package let rows: [Int]
    /// What the batch's mean counts in the validation loss: its rows, or its packed sequences.
    package let weight: Int

    /// TRL's batches of validation rows: in order, packed as training rows are, as many at once as a micro-batch has.
    package static func all(of rows: [EncodedExample], _ plan: RunPlan) -> [ValidationBatch] {
        let maxLength = plan.training.maxLength, single = rows.indices.map { [$0] }
        let sequences =
            plan.trlPacking == .bfd
            ? TRLPacking.bestFitDecreasing(Array(rows.indices), rows.map(\.count), maxLength: maxLength) : single
        let atOnce = plan.training.sequencesPerMicroBatch
        return stride(from: 0, to: sequences.count, by: atOnce).map { start in
            let batch = sequences[start..<Swift.min(start + atOnce, sequences.count)]
            return ValidationBatch(rows: batch.flatMap { $0 }, weight: batch.count)
        }
    }
}

extension TrainingSettings {
    /// TRL's `per_device_train_batch_size`: rows, or packed sequences of the maximum length.
    var sequencesPerMicroBatch: Int {
        switch batching {
        case .rows(let count): max(1, count)
        case .packed(let tokens): max(1, tokens / maxLength)
        }
    }
}
