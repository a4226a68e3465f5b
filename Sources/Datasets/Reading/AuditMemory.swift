internal import CText
package import Plan

/// How much memory an audit may take. Beyond it rows stay in their files and are read again at every look, and where
/// even what is remembered of each has no room, a share of the rows is read, drawn by their bytes, and the others are
/// counted.
package enum MemoryLimit: Sendable, Hashable {
    case unlimited
    case atMost(ByteCount)
    /// Of the size of the data; what is smaller than 1 GiB is never refused.
    case timesData(Double)

    /// For the whole process: blocks of a quarter of a megabyte and more go back to the system when they are freed.
    package static func giveBackLargeBlocks() { hone_give_back_blocks_from(1 << 18) }

    func bytes(data: Int) -> Double {
        switch self {
        case .unlimited: .infinity
        case .atMost(let limit): Double(limit.bytes)
        case .timesData(let factor): max(factor * Double(data), 0x1p30)
        }
    }
}

/// What an audit of so much data needs, and what a limit of memory leaves room for.
struct AuditMemory {
    let bytes: Int
    let rows: Int

    enum Room: Equatable {
        /// All rows are kept in memory.
        case everything
        /// All rows are audited, and read again at every look.
        case onDisk
        /// As `onDisk`, for this share of the rows.
        case share(Double)
    }

    // Measured on rows of 150, 200 and 1,000 bytes; the program itself and what it needs for a while come first. On
    // disk the bytes count for requests, whose pieces are remembered.
    private static let program = 60e6
    private static let (perByte, perRow) = (1.1, 300.0)
    private static let (perByteOnDisk, perRowOnDisk) = (0.7, 130.0)

    func room(within limit: MemoryLimit) -> Room {
        let room = max(0, limit.bytes(data: bytes) - Self.program)
        if Self.perByte * Double(bytes) + Self.perRow * Double(rows) <= room { return .everything }
        let onDisk = Self.perByteOnDisk * Double(bytes) + Self.perRowOnDisk * Double(rows)
        return onDisk <= room ? .onDisk : .share(room / onDisk)
    }
}
