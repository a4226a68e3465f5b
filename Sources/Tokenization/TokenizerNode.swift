import FileStore
import JSONText

/// A value of a tokenizer's JSON files that knows where it stands, so that every complaint has a place.
struct TokenizerNode {
    let value: JSONValue
    let place: TokenizerError.Place

    init(value: JSONValue, place: TokenizerError.Place) {
        self.value = value
        self.place = place
    }

    /// Nil when the file does not exist.
    static func read(_ path: String) throws(TokenizerError) -> TokenizerNode? {
        let store = FileStore()
        guard store.exists(path) else { return nil }
        let bytes: [UInt8]
        do throws(FileStoreError) { bytes = try store.read(path) } catch { throw .unreadable(error) }
        return try parse(bytes, file: path)
    }

    static func parse(_ bytes: [UInt8], file: String) throws(TokenizerError) -> TokenizerNode {
        do throws(JSONSyntaxError) {
            return TokenizerNode(value: try JSONValue.parse(utf8: bytes), place: .init(file: file, path: ""))
        } catch {
            throw .notJSON(file: file, error)
        }
    }

    /// The member of that name; nil when it is missing or null.
    subscript(key: String) -> TokenizerNode? {
        guard let member = value[key], !member.isNull else { return nil }
        return TokenizerNode(value: member, place: inside(key))
    }

    func required(_ key: String) throws(TokenizerError) -> TokenizerNode {
        guard let member = self[key] else { throw .missing(inside(key)) }
        return member
    }

    func elements() throws(TokenizerError) -> [TokenizerNode] {
        guard let array = value.arrayValue else { throw wrongKind(.array) }
        return array.enumerated().map { TokenizerNode(value: $0.element, place: element($0.offset)) }
    }

    func object() throws(TokenizerError) -> JSONObject {
        guard let object = value.objectValue else { throw wrongKind(.object) }
        return object
    }

    func string() throws(TokenizerError) -> String {
        guard let string = value.stringValue else { throw wrongKind(.string) }
        return string
    }

    func flag() throws(TokenizerError) -> Bool {
        guard let flag = value.boolValue else { throw wrongKind(.bool) }
        return flag
    }

    func flag(_ key: String, default fallback: Bool) throws(TokenizerError) -> Bool {
        try self[key]?.flag() ?? fallback
    }

    func id(of token: String) throws(TokenizerError) -> Int32 {
        guard let number = value.numberValue else { throw wrongKind(.number) }
        guard let whole = number.intValue, let id = Int32(exactly: whole), id >= 0 else {
            throw .badID(place, token: token, value: number.text)
        }
        return id
    }

    /// The component's `type`.
    func type() throws(TokenizerError) -> String { try required("type").string() }

    func unsupported(_ key: String? = nil) -> TokenizerError {
        let node = key.flatMap { self[$0] } ?? self
        return .unsupported(node.place, value: node.value.stringValue ?? node.value.text())
    }

    func wrongKind(_ wanted: JSONValue.Kind) -> TokenizerError {
        .wrongKind(place, found: value.kind, wanted: wanted)
    }

    private func inside(_ key: String) -> TokenizerError.Place {
        .init(file: place.file, path: place.path.isEmpty ? key : place.path + "." + key)
    }

    private func element(_ index: Int) -> TokenizerError.Place {
        .init(file: place.file, path: place.path + "[\(index)]")
    }
}
