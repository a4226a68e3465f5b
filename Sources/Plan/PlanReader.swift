import YAMLText

/// One section of a plan file, read strictly: typed keys with defaults, and the place of every key that was written.
///
/// A class, because what was read where is remembered for the checks that follow.
final class PlanReader {
    private let map: YAMLMap?
    private let prefix: String
    /// The last part of the name that a key had in older plans, by its full name of today.
    private let renamed: [String: String]
    private var sections: [PlanReader] = []
    private var ownPlaces: [String: YAMLPlace] = [:]
    private var oldNames: Set<String> = []

    init(_ map: YAMLMap?, prefix: String = "", renamed: [String: String] = [:]) {
        self.map = map
        self.prefix = prefix
        self.renamed = renamed
    }

    /// Keys that were written under their old names, sections included.
    var usedOldNames: Set<String> { sections.reduce(oldNames) { $0.union($1.usedOldNames) } }

    /// Where each key that was asked for stands in the file, sections included.
    var places: [String: YAMLPlace] {
        sections.reduce(into: ownPlaces) { all, section in all.merge(section.places) { first, _ in first } }
    }

    /// The nested map behind a key; an absent one reads as empty.
    func section(_ key: String) throws(YAMLError) -> PlanReader {
        let section = PlanReader(try node(key)?.map(), prefix: prefix + key + ".", renamed: renamed)
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
        if let node = map?.optional(key) {
            ownPlaces[prefix + key] = node.place
            return node
        }
        guard let was = renamed[prefix + key], let node = map?.optional(was) else { return nil }
        oldNames.insert(prefix + key)
        ownPlaces[prefix + key] = node.place
        return node
    }

    /// Every key of this section with its text, where the keys themselves are data.
    func texts() throws(YAMLError) -> [(key: String, text: String)] {
        var texts: [(key: String, text: String)] = []
        for key in map?.keys ?? [] { texts.append((key.text, try required(key.text).string())) }
        return texts
    }
}
