/// The members of an object in the order of the file.
///
/// A key that was written twice keeps its first place and its last value, as in Python; `duplicateKeys` says so,
/// because other readers take the first value and a training row would then mean two things.
package struct JSONObject: Sendable {
    package struct Member: Sendable, Hashable {
        package var key: String
        package var value: JSONValue
    }

    package private(set) var members: [Member]
    package private(set) var duplicateKeys: [String]

    /// Places of the keys, once there are too many of them to look at one by one (vocabularies have 100,000).
    private var places: [String: Int]?

    private static let mostMembersSearched = 12

    package init() {
        members = []
        duplicateKeys = []
    }

    package init(_ pairs: some Sequence<(String, JSONValue)>) {
        self.init()
        for (key, value) in pairs { append(key: key, value: value) }
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: [String] { members.map(\.key) }

    /// Setting nil removes the member; a new key goes to the end.
    package subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (nil, let value?): append(key: key, value: value)
            case (let place?, nil):
                members.remove(at: place)
                places = nil
                indexIfLarge()
            case (nil, nil): break
            }
        }
    }

    mutating func append(key: String, value: JSONValue) {
        if let place = place(of: key) {
            members[place].value = value
            duplicateKeys.append(key)
            return
        }
        members.append(Member(key: key, value: value))
        if places != nil {
            places?[key] = members.count - 1
        } else {
            indexIfLarge()
        }
    }

    private mutating func indexIfLarge() {
        guard members.count > Self.mostMembersSearched else { return }
        places = Dictionary(
            members.enumerated().map { ($0.element.key, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    private func place(of key: String) -> Int? {
        if let places { return places[key] }
        return members.firstIndex { $0.key == key }
    }
}

/// Order and repeated keys do not count: two objects are equal when they hold equal members.
extension JSONObject: Hashable {
    package static func == (one: JSONObject, other: JSONObject) -> Bool {
        guard one.count == other.count else { return false }
        return zip(one.members, other.members).allSatisfy { $0 == $1 }
            || one.members.allSatisfy { other[$0.key] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        var sum = 0
        for member in members {
            var own = Hasher()
            own.combine(member)
            sum &+= own.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: Sequence {
    package func makeIterator() -> some IteratorProtocol<Member> { members.makeIterator() }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
