import Glibc
import JSONText
import Plan

/// The growing end of an event log, read line by line.
struct EventTail: Sendable {
    private let path: String
    private var offset: Int
    private var partial: [UInt8] = []

    /// Starts behind what the file holds now: a resumed run is followed from where it goes on.
    init(path: String) {
        self.path = path
        var status = stat()
        offset = stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The events whose lines were completed since the last call. A file that does not exist yet has none.
    mutating func next() -> [EventLine] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = pread(file, &chunk, chunk.count, off_t(offset))
            guard count > 0 else { break }
            offset += count
            partial += chunk[..<count]
        }
        var events: [EventLine] = []
        while let newline = partial.firstIndex(of: UInt8(ascii: "\n")) {
            if let value = try? JSONValue.parse(utf8: Array(partial[..<newline])), let line = EventLine(value) {
                events.append(line)
            }
            partial.removeSubrange(...newline)
        }
        return events
    }
}
