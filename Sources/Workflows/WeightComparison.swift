import Evaluation
import ModelFiles
import Plan

/// The weights of a shipped model beside those that were evaluated.
///
/// Behaviour says that something is wrong; the weights say what.
struct WeightComparison {
    private let source: ExportSource
    /// The root of the mean squared error of a matrix, as a share of its size, that its number format explains.
    private let limit: Double

    init(_ source: ExportSource, limit: Double) { (self.source, self.limit) = (source, limit) }

    func findings(in file: GGUFModel) throws -> [ShippingLadder.Finding] {
        guard file.shape.tensors == source.model.shape.tensors else {
            return [.otherWeights(tensor: "shape", error: .infinity)]
        }
        return try findings(
            read: { try file.read($0, into: $1) },
            unpermuted: { name, values in
                guard file.isPermuted(name) else { return false }
                try file.readUnpermuted(name, into: values)
                return true
            }, wasQuantized: { try file.type(of: $0).isQuantized })
    }

    func findings(in folder: ModelFolder) throws -> [ShippingLadder.Finding] {
        guard !folder.config.isQuantized else {
            return [.mergedInto4Bits(tensors: folder.shape.linears.count * folder.shape.layerCount)]
        }
        guard folder.shape.tensors == source.model.shape.tensors else {
            return [.otherWeights(tensor: "shape", error: .infinity)]
        }
        return try findings(
            read: { name, values in
                for (place, value) in (try folder.tensor(name).floats ?? []).enumerated() { values[place] = value }
            }, unpermuted: { _, _ in false }, wasQuantized: { _ in false })
    }

    private typealias Values = UnsafeMutablePointer<Float>

    private func findings(
        read: (String, Values) throws -> Void, unpermuted: (String, Values) throws -> Bool,
        wasQuantized: (String) throws -> Bool
    ) throws -> [ShippingLadder.Finding] {
        var notPermuted = 0, onGrid = 0, worst: (name: String, error: Double)?
        for tensor in try source.tensors() {
            let count = tensor.count
            let expected = Values.allocate(capacity: count), found = Values.allocate(capacity: count)
            defer {
                expected.deallocate()
                found.deallocate()
            }
            try tensor.withValues { expected.update(from: $0, count: count) }
            try read(tensor.name, found)
            let error = Self.error(found, expected, count)
            if tensor.shape.count == 2, try !wasQuantized(tensor.name), Self.isOnGrid(found, count),
                !Self.isOnGrid(expected, count)
            {
                onGrid += 1
                continue
            }
            guard error > limit else { continue }
            if try unpermuted(tensor.name, found), Self.error(found, expected, count) <= limit {
                notPermuted += 1
            } else if error > worst?.error ?? 0 {
                worst = (tensor.name, error)
            }
        }
        var findings: [ShippingLadder.Finding] = []
        if notPermuted > 0 { findings.append(.rowsNotPermuted(tensors: notPermuted)) }
        if onGrid > 0 { findings.append(.mergedInto4Bits(tensors: onGrid)) }
        if let worst { findings.append(.otherWeights(tensor: worst.name, error: worst.error)) }
        return findings
    }

    private static func error(_ found: Values, _ expected: Values, _ count: Int) -> Double {
        var squares = 0.0, size = 0.0
        for place in 0..<count {
            let difference = Double(found[place]) - Double(expected[place])
            squares += difference * difference
            size += Double(expected[place]) * Double(expected[place])
        }
        return squares == 0 ? 0 : (squares / max(size, .leastNormalMagnitude)).squareRoot()
    }

    /// Every block of 64 numbers holds at most 16 different ones, as NF4's does.
    private static func isOnGrid(_ values: Values, _ count: Int) -> Bool {
        guard count >= 64, count % 64 == 0 else { return false }
        for start in stride(from: 0, to: count, by: 64) {
            var seen: Set<UInt32> = []
            for place in start..<(start + 64) { seen.insert(values[place].bitPattern) }
            if seen.count > 16 { return false }
        }
        return true
    }
}
