/// The rows of one file and what turns them into examples.
struct RowParser: Sendable {
    /// Into `Dataset.files`.
    let index: Int
    let file: FileBytes
    private(set) var found: FoundRows
    let converter: RowConverter

    mutating func keep(share: Double) { file.withBytes { found.keep(share: share, of: $0) } }

    /// Every row, kept or dropped.
    func examples(threads: Int) -> (kept: [Example], dropped: [DroppedRow]) {
        var (kept, dropped): ([Example], [DroppedRow]) = ([], [])
        kept.reserveCapacity(found.rows.count)
        eachPiece(threads: threads) { numbers in
            var (kept, dropped): ([Example], [DroppedRow]) = ([], [])
            parse(numbers) { _, result in
                switch result {
                case .success(let example): kept.append(example)
                case .failure(let row): dropped.append(row)
                }
            }
            return (kept, dropped)
        } join: { part in
            kept += part.0
            dropped += part.1
        }
        return (kept, dropped)
    }

    /// Forgets the rows that cannot be used, and says which they are.
    mutating func dropUnreadable(threads: Int) -> [DroppedRow] {
        let (kept, dropped) = readable(threads: threads)
        if !dropped.isEmpty { found.keep(kept) }
        return dropped
    }

    private func readable(threads: Int) -> (kept: [Int], dropped: [DroppedRow]) {
        var (kept, dropped): ([Int], [DroppedRow]) = ([], [])
        eachPiece(threads: threads) { numbers in
            var (kept, dropped): ([Int], [DroppedRow]) = ([], [])
            parse(numbers) { number, result in
                if case .failure(let row) = result { dropped.append(row) } else { kept.append(number) }
            }
            return (kept, dropped)
        } join: { part in
            kept += part.0
            dropped += part.1
        }
        return (kept, dropped)
    }

    func example(at number: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Example? {
        var converter = converter
        return try? result(at: number, in: bytes, &converter).get()
    }

    /// A few pieces at a time: all of them beside their sum would need the memory twice.
    private func eachPiece<Part: Sendable>(
        threads: Int, _ body: @Sendable (Range<Int>) -> Part, join: (Part) -> Void
    ) {
        let pieces = ranges(of: found.rows.count, size: 2048)
        for wave in ranges(of: pieces.count, size: 4 * max(1, threads)) {
            let parts = inParallel(pieces: wave.count, threads: threads) { body(pieces[wave.lowerBound + $0]) }
            for part in parts { join(part) }
        }
    }

    private func parse(_ numbers: Range<Int>, _ body: (Int, Result<Example, DroppedRow>) -> Void) {
        defer { file.release(found.rows[numbers.lowerBound].start..<found.rows[numbers.upperBound - 1].end) }
        file.withBytes { bytes in
            // One for all rows of the piece: it shares what they have in common.
            var converter = converter
            for number in numbers { body(number, result(at: number, in: bytes, &converter)) }
        }
    }

    private func result(
        at number: Int, in bytes: UnsafeBufferPointer<UInt8>, _ converter: inout RowConverter
    ) -> Result<Example, DroppedRow> {
        let row = found.rows[number]
        let place = RowPlace(file: index, line: row.line, byteOffset: row.start)
        do throws(RowProblem) {
            let value = try found.value(at: number, in: bytes)
            var example = try converter.example(from: value, at: place)
            example.rowHash = TextKey.hash(UnsafeBufferPointer(rebasing: bytes[row.start..<row.end]))
            return .success(example)
        } catch {
            return .failure(DroppedRow(place: place, problem: error))
        }
    }
}

extension DroppedRow: Error {}
