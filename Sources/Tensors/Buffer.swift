internal import CKernels
import Foundation
package import Plan

package typealias Floats = UnsafeMutablePointer<Float>
package typealias ReadOnlyFloats = UnsafePointer<Float>
/// Numbers in bfloat16: the upper halves of floats.
package typealias BFloats = UnsafeMutablePointer<UInt16>
package typealias ReadOnlyBFloats = UnsafePointer<UInt16>

/// Raw memory for a known number of elements of one type, zero at first, aligned to a cache line, freed with the
/// object.
package final class Buffer: @unchecked Sendable {
    package let elementType: ElementType
    package let count: Int
    package let bytes: UnsafeMutableRawBufferPointer
    private let allocation: UnsafeMutableRawPointer

    package init(_ elementType: ElementType, count: Int) {
        self.elementType = elementType
        self.count = count
        let size = max(64, count * elementType.bytesPerElement)
        // calloc hands out untouched pages: memory that no step reaches is never resident.
        guard let memory = calloc(size + 64, 1) else { preconditionFailure("the system has no \(size) bytes left") }
        allocation = memory
        let aligned = memory + (64 - Int(bitPattern: memory) % 64) % 64
        bytes = UnsafeMutableRawBufferPointer(start: aligned, count: size)
    }

    deinit { free(allocation) }

    /// The elements as floats. Only for a buffer of `float32`.
    package var floats: Floats {
        precondition(elementType == .float32, "a buffer of \(elementType) read as float32")
        return bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
    }

    /// The bytes as numbers. Only for a buffer of `uint8`.
    package var uint8s: UnsafeMutablePointer<UInt8> {
        precondition(elementType == .uint8, "a buffer of \(elementType) read as uint8")
        return bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
    }

    /// The elements in bfloat16. Only for a buffer of `bfloat16`.
    package var bfloats: BFloats {
        precondition(elementType == .bfloat16, "a buffer of \(elementType) read as bfloat16")
        return bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt16.self)
    }
}

/// Copies `count` stored numbers into floats; exact for every type it accepts.
/// Returns false for a type that is not a floating-point format of models (nothing is written).
package func expand(_ source: UnsafeRawPointer, _ type: ElementType, count: Int, into floats: Floats) -> Bool {
    switch type {
    case .float32:
        memcpy(floats, source, count * 4)
    case .bfloat16:
        hone_expand_bf16(count, source.assumingMemoryBound(to: UInt16.self), floats)
    case .float16:
        hone_expand_f16(count, source.assumingMemoryBound(to: UInt16.self), floats)
    default:
        return false
    }
    return true
}
