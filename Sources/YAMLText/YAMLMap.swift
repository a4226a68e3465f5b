/// A map read strictly: ask for the keys you know, then call `finish()`, which refuses the keys you did not ask for.
///
/// A class, because reading a key is remembered; make one per parse and keep it within one function.
package final class YAMLMap {
    package let place: YAMLPlace
    /// Keys and values in the order of the file, for maps whose keys are data (facts, sources).
    package let entries: [(key: YAMLScalar, value: YAMLNode)]
    private let names: [String]
    /// Where each key stands, for maps with many; going through a few keys is faster than hashing one.
    private let places: [String: Int]?
    private var asked: [String] = []
    private var isAsked: [Bool]

    private static let mostKeysToGoThrough = 16

    init(entries: [(key: YAMLScalar, value: YAMLNode)], place: YAMLPlace) throws(YAMLError) {
        self.place = place
        self.entries = entries
        names = entries.map(\.key.text)
        isAsked = Array(repeating: false, count: entries.count)
        var places: [String: Int]? = names.count > Self.mostKeysToGoThrough ? [:] : nil
        for (index, name) in names.enumerated() {
            let isRepeated = places.map { $0[name] != nil } ?? names[..<index].contains(name)
            if isRepeated { throw .duplicateKey(name, entries[index].key.place) }
            places?[name] = index
        }
        self.places = places
    }

    package var keys: [YAMLScalar] { entries.map(\.key) }

    private func ask(_ key: String) -> YAMLNode? {
        asked.append(key)
        guard let index = places.map({ $0[key] }) ?? names.firstIndex(of: key) else { return nil }
        isAsked[index] = true
        return entries[index].value
    }

    /// A key that is spelled almost like it, and was not asked for, is taken for a slip of the pen.
    package func required(_ key: String) throws(YAMLError) -> YAMLNode {
        if let node = optional(key) { return node }
        let slip = names.indices.first { !isAsked[$0] && didYouMean(names[$0], among: [key]) != nil }
        if let slip, !names.contains(key) { throw .unknownKey(names[slip], known: [key], entries[slip].key.place) }
        throw .missingKey(key, place)
    }

    /// The value, or nil when the key is absent or nothing is written behind it.
    package func optional(_ key: String) -> YAMLNode? {
        guard let node = ask(key), !node.isNull else { return nil }
        return node
    }

    /// Whether the key was written at all, even with nothing behind it.
    package func contains(_ key: String) -> Bool {
        ask(key) != nil
    }

    /// Refuses the first key nobody asked for. Call it after the last `required` or `optional`.
    package func finish() throws(YAMLError) {
        guard let index = isAsked.firstIndex(of: false) else { return }
        var names: [String] = []
        for name in asked where !names.contains(name) { names.append(name) }
        throw .unknownKey(self.names[index], known: names, entries[index].key.place)
    }
}
