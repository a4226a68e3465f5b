/// Parsed YAML as bytes, so that files read on every start need not be parsed on every start.
///
/// Reading checks every length, so bytes that are not a snapshot give nil and never a crash.
package struct YAMLSnapshot {
    package private(set) var bytes: ArraySlice<UInt8>
    private var position: Int

    package init() { self.init(bytes: []) }
    package init(bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    // MARK: writing

    package mutating func write(_ number: Int) {
        var rest = UInt64(bitPattern: Int64(number))
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    package mutating func write(_ text: String) {
        write(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    package mutating func write(bytes more: ArraySlice<UInt8>) {
        write(more.count)
        bytes.append(contentsOf: more)
    }

    package mutating func write(_ node: YAMLNode) {
        switch node {
        case .scalar(let scalar):
            write(0)
            write(scalar)
        case .list(let list):
            write(1)
            write(list.place)
            write(list.elements.count)
            for element in list.elements { write(element) }
        case .map(let map):
            write(2)
            write(map.place)
            let entries = map.entries
            write(entries.count)
            for (key, value) in entries {
                write(key)
                write(value)
            }
        }
    }

    private mutating func write(_ place: YAMLPlace) {
        write(place.line)
        write(place.column)
    }

    private mutating func write(_ scalar: YAMLScalar) {
        write(scalar.place)
        write(scalar.isPlain ? 1 : 0)
        write(scalar.text)
    }

    // MARK: reading

    package mutating func readNumber() -> Int? {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.endIndex, shift < 64 {
            let byte = bytes[position]
            position += 1
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int(truncatingIfNeeded: number) }
            shift += 7
        }
        return nil
    }

    package mutating func readText() -> String? {
        readBytes().flatMap { String(validating: $0, as: UTF8.self) }
    }

    package mutating func readBytes() -> ArraySlice<UInt8>? {
        guard let count = readCount() else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// A node of `file`, at most 1000 levels deep, as the parser allows.
    package mutating func readNode(file: String, depth: Int = 0) -> YAMLNode? {
        guard depth < 1000, let kind = readNumber() else { return nil }
        switch kind {
        case 0:
            return readScalar(file).map(YAMLNode.scalar)
        case 1:
            guard let place = readPlace(file), let count = readCount() else { return nil }
            var elements: [YAMLNode] = []
            elements.reserveCapacity(count)
            for _ in 0..<count {
                guard let element = readNode(file: file, depth: depth + 1) else { return nil }
                elements.append(element)
            }
            return .list(YAMLList(elements: elements, place: place))
        case 2:
            guard let place = readPlace(file), let count = readCount() else { return nil }
            var entries: [(key: YAMLScalar, value: YAMLNode)] = []
            entries.reserveCapacity(count)
            for _ in 0..<count {
                guard let key = readScalar(file), let value = readNode(file: file, depth: depth + 1) else { return nil }
                entries.append((key, value))
            }
            return (try? YAMLMap(entries: entries, place: place)).map(YAMLNode.map)
        default:
            return nil
        }
    }

    /// A number of elements; each takes at least one byte, so a larger one cannot be true.
    private mutating func readCount() -> Int? {
        guard let count = readNumber(), count >= 0, count <= bytes.endIndex - position else { return nil }
        return count
    }

    private mutating func readPlace(_ file: String) -> YAMLPlace? {
        guard let line = readNumber(), let column = readNumber() else { return nil }
        return YAMLPlace(file: file, line: line, column: column)
    }

    private mutating func readScalar(_ file: String) -> YAMLScalar? {
        guard let place = readPlace(file), let isPlain = readNumber(), let text = readText() else { return nil }
        return YAMLScalar(text: text, isPlain: isPlain == 1, place: place)
    }
}
