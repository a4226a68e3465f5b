import ModelFiles
import Plan
import Tensors

/// Keys and values of the tokens already seen, by slot, layer and key/value head.
final class KeyValueCache {
    private let buffer: Buffer
    private let layers: Int
    private let heads: Int
    /// Floats of the keys, or of the values, of one head.
    private let half: Int

    init(_ shape: ModelShape, slots: Int, capacity: Int) {
        (layers, heads) = (shape.layerCount, shape.keyValueHeadCount)
        half = Attention(shape).cacheCount(capacity: capacity)
        buffer = Buffer(.float32, count: slots * layers * heads * 2 * half)
    }

    static func byteCount(_ shape: ModelShape, slots: Int, capacity: Int) -> Int {
        slots * shape.layerCount * shape.keyValueHeadCount * 2 * Attention(shape).cacheCount(capacity: capacity) * 4
    }

    func keys(slot: Int, layer: Int, head: Int) -> Floats {
        buffer.floats + ((slot * layers + layer) * heads + head) * 2 * half
    }

    func values(slot: Int, layer: Int, head: Int) -> Floats { keys(slot: slot, layer: layer, head: head) + half }
}
