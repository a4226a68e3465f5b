package import Plan

/// What this machine has to offer right now. A quantity that could not be read is nil, never a guess.
package struct MachineProfile: Sendable, Hashable {
    package var processor: String
    /// Logical processors this process may use (affinity mask and cgroup quota honoured).
    package var cores: Int
    /// SIMD extensions that matter to the kernels, widest last: `avx2`, `avx512f`, `avx512_bf16`.
    package var instructionSets: [String]
    package var totalMemory: ByteCount?
    /// What the kernel thinks can be had without swapping (`MemAvailable`).
    package var availableMemory: ByteCount?
    /// What is left below the tightest cgroup limit above this process; nil when there is none.
    package var groupMemoryLeft: ByteCount?
    /// Free bytes where the run folder will lie.
    package var freeDisk: ByteCount?

    package init(
        processor: String, cores: Int, instructionSets: [String], totalMemory: ByteCount?, availableMemory: ByteCount?,
        groupMemoryLeft: ByteCount? = nil, freeDisk: ByteCount? = nil
    ) {
        self.processor = processor
        self.cores = cores
        self.instructionSets = instructionSets
        self.totalMemory = totalMemory
        self.availableMemory = availableMemory
        self.groupMemoryLeft = groupMemoryLeft
        self.freeDisk = freeDisk
    }

    /// The memory a process may fill here and now.
    package var freeMemory: ByteCount? {
        guard let availableMemory else { return groupMemoryLeft }
        return groupMemoryLeft.map { min($0, availableMemory) } ?? availableMemory
    }

    /// Whether the processor has products of bfloat16 numbers.
    package var multipliesBFloat16: Bool { instructionSets.contains("avx512_bf16") }

    /// The instruction set the kernels will choose, by the names of `CKernels`.
    package var widestInstructionSet: String { instructionSets.last ?? "scalar" }
}
