import YAMLText

/// One section of a plan file, read strictly: typed keys with defaults, and the place of every key that was written.
///
/// A class, because what was read where is remembered for the checks that follow.
final class PlanReader {
    private let map: YAMLMap?
    private let prefix: String
    private var sections: [PlanReader] = []
    private var ownPlaces: [String: YAMLPlace] = [:]

    init(_ map: YAMLMap?, prefix: String = "") {
        self.map = map
        self.prefix = prefix
    }

    /// Where each key that was asked for stands in the file, sections included.
    var places: [String: YAMLPlace] {
        sections.reduce(into: ownPlaces) { all, section in all.merge(section.places) { first, _ in first } }
    }

    /// The nested map behind a key; an absent one reads as empty.
    func section(_ key: String) throws(YAMLError) -> PlanReader {
        let section = PlanReader(try node(key)?.map(), prefix: prefix + key + ".")
        sections.append(section)
        return section
    }

    /// Refuses the first key nobody asked for, here and in the sections.
    func finish() throws(YAMLError) {
        for section in sections { try section.finish() }
        try map?.finish()
    }

    func wrote(_ key: String) -> Bool { node(key) != nil }

    func required(_ key: String) throws(YAMLError) -> YAMLNode {
        if let node = node(key) { return node }
        throw .missingKey(prefix + key, map?.place ?? YAMLPlace(file: "", line: 1, column: 1))
    }

    func int(_ key: String, _ standard: Int) throws(YAMLError) -> Int { try node(key)?.int() ?? standard }
    func int(_ key: String) throws(YAMLError) -> Int? { try node(key)?.int() }
    func double(_ key: String, _ standard: Double) throws(YAMLError) -> Double { try node(key)?.double() ?? standard }
    func double(_ key: String) throws(YAMLError) -> Double? { try node(key)?.double() }
    func bool(_ key: String, _ standard: Bool) throws(YAMLError) -> Bool { try node(key)?.bool() ?? standard }
    func string(_ key: String, _ standard: String) throws(YAMLError) -> String { try node(key)?.string() ?? standard }
    func string(_ key: String) throws(YAMLError) -> String? { try node(key)?.string() }
    func strings(_ key: String) throws(YAMLError) -> [String]? { try node(key)?.strings() }

    /// A word of a closed list.
    func choice<Word>(_ key: String, _ standard: Word) throws(YAMLError) -> Word
    where Word: RawRepresentable<String> & CaseIterable {
        guard let node = node(key) else { return standard }
        return try word(of: Word.self, in: node)
    }

    func requiredChoice<Word>(_ key: String, of type: Word.Type) throws(YAMLError) -> Word
    where Word: RawRepresentable<String> & CaseIterable {
        try word(of: type, in: try required(key))
    }

    private func word<Word>(of type: Word.Type, in node: YAMLNode) throws(YAMLError) -> Word
    where Word: RawRepresentable<String> & CaseIterable {
        let allowed = Word.allCases.map(\.rawValue)
        let text = try node.choice(of: allowed)
        guard let value = Word(rawValue: text) else { throw .notOneOf(value: text, allowed: allowed, node.place) }
        return value
    }

    /// The node behind a key, or nil; asking makes the key a known one.
    func node(_ key: String) -> YAMLNode? {
        guard let node = map?.optional(key) else { return nil }
        ownPlaces[prefix + key] = node.place
        return node
    }
}
