extension JSONValue {
    /// Deeper nesting than this is an attack or a mistake, and would exhaust the stack of a reader.
    package static let usualDepthLimit = 512

    package static func parse(_ text: String, depthLimit: Int = usualDepthLimit) throws(JSONSyntaxError) -> JSONValue {
        var text = text
        return try unwrap(
            text.withUTF8 { bytes in
                Result { () throws(JSONSyntaxError) in try parse(utf8: bytes, depthLimit: depthLimit) }
            })
    }

    package static func parse(utf8 bytes: [UInt8], depthLimit: Int = usualDepthLimit) throws(JSONSyntaxError)
        -> JSONValue
    {
        try unwrap(
            bytes.withUnsafeBufferPointer { bytes in
                Result { () throws(JSONSyntaxError) in try parse(utf8: bytes, depthLimit: depthLimit) }
            })
    }

    /// The whole of `bytes` must be one JSON text.
    package static func parse(
        utf8 bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int = usualDepthLimit
    ) throws(JSONSyntaxError) -> JSONValue {
        guard let start = bytes.baseAddress else {
            throw JSONSyntaxError(reason: .empty, line: 1, column: 1, byteOffset: 0)
        }
        var parser = JSONParser(start: start, count: bytes.count, depthLimit: depthLimit)
        return try parser.parseText()
    }

    /// The first value at or after `offset` and the offset behind it; nil when only space is left.
    ///
    /// For files that hold one object after the other without line discipline.
    package static func parseNext(
        utf8 bytes: UnsafeBufferPointer<UInt8>, from offset: Int, depthLimit: Int = usualDepthLimit
    ) throws(JSONSyntaxError) -> (value: JSONValue, end: Int)? {
        guard let start = bytes.baseAddress, offset < bytes.count else { return nil }
        var parser = JSONParser(start: start, count: bytes.count, depthLimit: depthLimit)
        parser.skip(to: offset)
        return try parser.parseNext()
    }

    private static func unwrap(_ result: Result<JSONValue, JSONSyntaxError>) throws(JSONSyntaxError) -> JSONValue {
        try result.get()
    }
}
