import Yams

/// One value of a YAML file that knows where it stands, so that every complaint about it can point at a line.
///
/// Readers pull typed values out of it; nothing is converted silently (`"5"` in quotes is text, `yes` is a claim).
package enum YAMLNode {
    case scalar(YAMLScalar)
    case list(YAMLList)
    case map(YAMLMap)

    /// Reads one YAML document. An empty file is an error of its own, because an empty rule or answer file is a mistake.
    package static func parse(_ text: String, file: String) throws(YAMLError) -> YAMLNode {
        let root: Node?
        let parser: Parser
        do {
            parser = try Parser(yaml: text, encoding: .utf8)
            root = try parser.singleRoot()
        } catch let error as YamlError {
            throw YAMLError(error, file: file)
        } catch {
            throw .syntax(problem: "\(error)", YAMLPlace(file: file, line: 1, column: 1))
        }
        guard let root else { throw .empty(YAMLPlace(file: file, line: 1, column: 1)) }
        // Nodes hold their anchors weakly: they are seen only while the parser lives.
        let node = Result { () throws(YAMLError) in try YAMLNode(root, file: file) }
        withExtendedLifetime(parser) {}
        return try node.get()
    }

    package var place: YAMLPlace {
        switch self {
        case .scalar(let scalar): scalar.place
        case .list(let list): list.place
        case .map(let map): map.place
        }
    }

    /// What a person would call this value in a sentence: `a list`, `the number 3`, `the text "abc"`.
    package var kind: YAMLKind {
        switch self {
        case .scalar(let scalar): scalar.kind
        case .list: .list
        case .map: .map
        }
    }

    /// Nothing was written behind the key (or `~`, or `null`).
    package var isNull: Bool {
        if case .scalar(let scalar) = self { return scalar.isNull }
        return false
    }

    package func scalar(_ expected: YAMLKind = .text) throws(YAMLError) -> YAMLScalar {
        if case .scalar(let scalar) = self { return scalar }
        throw .wrongType(expected: expected, found: kind, text: "", place)
    }

    package func list() throws(YAMLError) -> YAMLList {
        if case .list(let list) = self { return list }
        throw wrongType(.list)
    }

    package func map() throws(YAMLError) -> YAMLMap {
        if case .map(let map) = self { return map }
        throw wrongType(.map)
    }

    package func string() throws(YAMLError) -> String {
        let scalar = try scalar(.text)
        guard !scalar.isNull else { throw wrongType(.text) }
        return scalar.text
    }

    package func int() throws(YAMLError) -> Int {
        guard let value = try scalar(.wholeNumber).int else { throw wrongType(.wholeNumber) }
        return value
    }

    package func double() throws(YAMLError) -> Double {
        guard let value = try scalar(.number).double else { throw wrongType(.number) }
        return value
    }

    package func bool() throws(YAMLError) -> Bool {
        guard let value = try scalar(.yesOrNo).bool else { throw wrongType(.yesOrNo) }
        return value
    }

    /// A list of texts; a single text stands for a list of one.
    package func strings() throws(YAMLError) -> [String] {
        guard case .list(let list) = self else { return [try string()] }
        var texts: [String] = []
        for element in list.elements { texts.append(try element.string()) }
        return texts
    }

    /// A text out of a closed list; anything else is refused with the nearest legal word.
    package func choice(of allowed: [String]) throws(YAMLError) -> String {
        let text = try string()
        guard allowed.contains(text) else { throw .notOneOf(value: text, allowed: allowed, place) }
        return text
    }

    private func wrongType(_ expected: YAMLKind) -> YAMLError {
        var text = ""
        if case .scalar(let scalar) = self { text = scalar.text }
        return .wrongType(expected: expected, found: kind, text: text, place)
    }

    private init(_ node: Node, file: String) throws(YAMLError) {
        let mark = node.mark
        let place = YAMLPlace(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
        // An anchor is refused where it is defined: reuse by alias can expand a small file without end.
        if node.anchor != nil { throw .anchor(place) }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            self = .scalar(YAMLScalar(text: scalar.string, isPlain: isPlain, place: place))
        case .sequence(let sequence):
            var elements: [YAMLNode] = []
            elements.reserveCapacity(sequence.count)
            for element in sequence { elements.append(try YAMLNode(element, file: file)) }
            self = .list(YAMLList(elements: elements, place: place))
        case .mapping(let mapping):
            var entries: [(key: YAMLScalar, value: YAMLNode)] = []
            entries.reserveCapacity(mapping.count)
            for (key, value) in mapping {
                let name = try YAMLNode(key, file: file)
                entries.append((key: try name.scalar(.text), value: try YAMLNode(value, file: file)))
            }
            self = .map(try YAMLMap(entries: entries, place: place))
        case .alias:
            throw .anchor(place)
        }
    }
}

/// A list and where it starts.
package struct YAMLList {
    package let elements: [YAMLNode]
    package let place: YAMLPlace
}
