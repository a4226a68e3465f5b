import Foundation
import Plan
import Tensors

/// How fast this machine multiplies matrices and moves memory, each the fastest of the rounds that fit into a time.
package enum MachineRates {
    /// Operations per second of float32 products: 256 rows per thread by 1024 x 1024, large enough for the kernels' speed,
    /// small enough for the caches.
    package static func products(threads: Int, seconds: Double) -> Double {
        let rows = 256, width = 1024
        let team = ThreadTeam(threads: threads)
        let inputs = Buffer(.float32, count: threads * rows * width), weights = Buffer(.float32, count: width * width)
        let results = Buffer(.float32, count: threads * rows * width)
        for index in 0..<inputs.count { inputs.floats[index] = Float(index % 7) }
        for index in 0..<weights.count { weights.floats[index] = Float(index % 5) }
        let x = inputs.floats, weight = weights.floats, y = results.floats
        let took = withExtendedLifetime((inputs, weights, results)) {
            fastest(within: seconds) {
                team.run { member in
                    let start = member.index * rows * width
                    MatrixProduct.forward(
                        rows: rows, outputs: width, inputs: width, x + start, stride: width, weight, into: y + start,
                        stride: width)
                }
            }
        }
        return 2 * Double(threads * rows) * Double(width * width) / took
    }

    /// The same of bfloat16 products with sums in float32, by the kernels for this instruction set.
    package static func bfloat16Products(threads: Int, seconds: Double) -> Double {
        let rows = 256, width = 1024
        let team = ThreadTeam(threads: threads)
        let inputs = Buffer(.bfloat16, count: threads * rows * width), weights = Buffer(.bfloat16, count: width * width)
        let results = Buffer(.float32, count: threads * rows * width)
        let scratch = Buffer(.uint8, count: threads * BFloat16Product.scratchBytes)
        let one: UInt16 = 0x3F80
        let x = inputs.bfloats, weight = weights.bfloats, y = results.floats
        x.update(repeating: one, count: inputs.count)
        weight.update(repeating: one, count: weights.count)
        guard let room = scratch.bytes.baseAddress else { return 0 }
        let took = withExtendedLifetime((inputs, weights, results, scratch)) {
            fastest(within: seconds) {
                team.run { member in
                    let start = member.index * rows * width
                    BFloat16Product.forward(
                        rows: rows, outputs: width,
                        .init(x + start, stride: width, weight: weight, weightStride: width, summingOver: width),
                        into: y + start, stride: width,
                        scratch: room + member.index * BFloat16Product.scratchBytes)
                }
            }
        }
        return 2 * Double(threads * rows) * Double(width * width) / took
    }

    /// Bytes per second that one thread reads and writes together, in copies larger than the caches.
    package static func copies(seconds: Double) -> Double {
        let count = 64 << 20
        let source = Buffer(.float32, count: count / 4), target = Buffer(.float32, count: count / 4)
        return 2 * Double(count)
            / fastest(within: seconds) { target.bytes.copyMemory(from: UnsafeRawBufferPointer(source.bytes)) }
    }

    /// Bytes per second that all threads read together, from memory four times as large as the last cache.
    package static func reads(threads: Int, seconds: Double) -> Double {
        let cache = max(sysconf(Int32(_SC_LEVEL3_CACHE_SIZE)), sysconf(Int32(_SC_LEVEL2_CACHE_SIZE)), 16 << 20)
        let count = 4 * Int(cache) / 4
        let team = ThreadTeam(threads: threads), buffer = Buffer(.float32, count: count), values = buffer.floats
        // Pages that were never written are all the same one.
        for index in stride(from: 0, to: count, by: 16) { values[index] = 1 }
        let took = withExtendedLifetime(buffer) {
            fastest(within: seconds) {
                team.run { member in
                    let share = member.share(of: count, step: 1024)
                    _ = Kernels.sumOfSquares(share.count, values + share.lowerBound)
                }
            }
        }
        return Double(count * 4) / took
    }
}
