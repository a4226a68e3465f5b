/// Text on its way to the model, with the source bytes each of its bytes stands for.
struct WorkingText {
    var bytes: [UInt8]
    /// Where the text began in the source.
    private(set) var offset: Int
    /// Per byte, what it stands for in the source; nil while the text still is the source from `offset` on.
    private var sources: [Range<Int32>]?
    private let tracksSource: Bool

    /// Not tracking the source is faster; `source(of:)` is then meaningless after the first rewrite.
    init(_ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, tracksSource: Bool) {
        bytes = Array(source[range])
        offset = range.lowerBound
        self.tracksSource = tracksSource
    }

    /// The part of the text in `range`, as a text of its own.
    func part(_ range: Range<Int>) -> WorkingText {
        var part = self
        part.bytes = Array(bytes[range])
        part.sources = sources.map { Array($0[range]) }
        part.offset = sources == nil ? offset + range.lowerBound : range.isEmpty ? offset : source(of: range).lowerBound
        return part
    }

    /// The source bytes that `range`, not empty, stands for.
    func source(of range: Range<Int>) -> Range<Int> {
        guard let sources else { return range.lowerBound + offset..<range.upperBound + offset }
        let first = Int(sources[range.lowerBound].lowerBound)
        return first..<max(first, Int(sources[range.upperBound - 1].upperBound))
    }

    /// Builds the text anew from pieces of itself and new bytes; `edit` is handed the old bytes.
    mutating func rewrite(_ edit: (_ old: UnsafeBufferPointer<UInt8>, _ new: inout Rewriter) -> Void) {
        var rewriter = Rewriter(text: self)
        bytes.withUnsafeBufferPointer { edit($0, &rewriter) }
        bytes = rewriter.bytes
        sources = tracksSource ? rewriter.sources : nil
    }

    struct Rewriter {
        fileprivate let text: WorkingText
        fileprivate(set) var bytes: [UInt8] = []
        fileprivate var sources: [Range<Int32>] = []

        fileprivate init(text: WorkingText) {
            self.text = text
            bytes.reserveCapacity(text.bytes.count + 16)
            if text.tracksSource { sources.reserveCapacity(text.bytes.count + 16) }
        }

        /// Keeps the old bytes of `range`.
        mutating func keep(_ range: Range<Int>) {
            bytes.append(contentsOf: text.bytes[range])
            guard text.tracksSource else { return }
            for place in range { sources.append(Self.narrow(text.source(of: place..<place + 1))) }
        }

        /// Puts `new` in place of the old bytes of `range` (not empty): each new byte stands for the whole of it.
        mutating func put(_ new: some Collection<UInt8>, for range: Range<Int>) {
            bytes.append(contentsOf: new)
            guard text.tracksSource else { return }
            sources.append(contentsOf: repeatElement(Self.narrow(text.source(of: range)), count: new.count))
        }

        private static func narrow(_ range: Range<Int>) -> Range<Int32> {
            Int32(clamping: range.lowerBound)..<Int32(clamping: range.upperBound)
        }
    }
}
