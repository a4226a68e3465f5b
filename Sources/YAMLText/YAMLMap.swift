/// A map read strictly: ask for the keys you know, then call `finish()`, which refuses the keys you did not ask for.
///
/// A class, because reading a key is remembered; make one per parse and keep it within one function.
package final class YAMLMap {
    package let place: YAMLPlace
    package let keys: [YAMLScalar]
    private let values: [String: YAMLNode]
    private var asked: [String] = []

    init(entries: [(key: YAMLScalar, value: YAMLNode)], place: YAMLPlace) throws(YAMLError) {
        var values: [String: YAMLNode] = [:]
        for (key, value) in entries where values.updateValue(value, forKey: key.text) != nil {
            throw .duplicateKey(key.text, key.place)
        }
        self.place = place
        self.keys = entries.map(\.key)
        self.values = values
    }

    /// Keys and values in the order of the file, for maps whose keys are data (facts, sources).
    package var entries: [(key: YAMLScalar, value: YAMLNode)] {
        keys.compactMap { key in values[key.text].map { (key: key, value: $0) } }
    }

    /// A key that is spelled almost like it, and was not asked for, is taken for a slip of the pen.
    package func required(_ key: String) throws(YAMLError) -> YAMLNode {
        if let node = optional(key) { return node }
        let slip = keys.first { !asked.contains($0.text) && didYouMean($0.text, among: [key]) != nil }
        if let slip, values[key] == nil { throw .unknownKey(slip.text, known: [key], slip.place) }
        throw .missingKey(key, place)
    }

    /// The value, or nil when the key is absent or nothing is written behind it.
    package func optional(_ key: String) -> YAMLNode? {
        asked.append(key)
        guard let node = values[key], !node.isNull else { return nil }
        return node
    }

    /// Whether the key was written at all, even with nothing behind it.
    package func contains(_ key: String) -> Bool {
        asked.append(key)
        return values[key] != nil
    }

    /// Refuses the first key nobody asked for. Call it after the last `required` or `optional`.
    package func finish() throws(YAMLError) {
        let known = Set(asked)
        for key in keys where !known.contains(key.text) {
            var names: [String] = []
            for name in asked where !names.contains(name) { names.append(name) }
            throw .unknownKey(key.text, known: names, key.place)
        }
    }
}
