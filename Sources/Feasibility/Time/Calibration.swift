package import FileStore
import Foundation
package import JSONText
package import Plan

/// How fast this machine is at what training does: measured once, kept, used by every estimate of time.
package struct Calibration: Sendable, Hashable {
    /// Seconds of the trainer's own work, one for each number of threads and number format that was measured.
    package let speeds: [TrainerSpeed]
    /// Operations per second of float32 matrix products, by number of threads.
    package let matrixRates: [Int: Double]
    /// Bytes per second that one thread reads and writes.
    package let memoryRate: Double
    package let processor: String
    /// Seconds since 1970.
    package let measuredAt: Double

    package init(
        speeds: [TrainerSpeed], matrixRates: [Int: Double], memoryRate: Double, processor: String, measuredAt: Double
    ) {
        self.speeds = speeds
        self.matrixRates = matrixRates
        self.memoryRate = memoryRate
        self.processor = processor
        self.measuredAt = measuredAt
    }

    /// The speed with `threads` threads: as measured, or in proportion to the nearest number below.
    package func speed(threads: Int, precision: Precision = .fp32) -> TrainerSpeed? {
        let speeds = self.speeds.filter { $0.precision == precision }
        let below = speeds.filter { $0.threads <= threads }.max { $0.threads < $1.threads }
        return (below ?? speeds.min { $0.threads < $1.threads })?.scaled(to: threads)
    }

    /// Times the trainer on small models with one thread and with all, then products of a usual shape and copies.
    package static func measure(on machine: MachineProfile, seconds: Double = 1) throws -> Calibration {
        let counts = Set([1, max(1, machine.cores)]).sorted(), processor = machine.processor
        let formats: [Precision] = machine.multipliesBFloat16 ? [.fp32, .bf16] : [.fp32]
        return Calibration(
            speeds: try formats.flatMap { precision in
                try counts.map {
                    TrainerSpeed(
                        threads: $0, precision: precision,
                        fitting: try ReferencePasses(threads: $0, precision: precision).measured())
                }
            },
            matrixRates: Dictionary(
                uniqueKeysWithValues: counts.map { ($0, MachineRates.products(threads: $0, seconds: seconds)) }),
            memoryRate: MachineRates.copies(seconds: seconds), processor: processor,
            measuredAt: Date().timeIntervalSince1970)
    }
}

extension Calibration {
    package var json: JSONValue {
        [
            "processor": .string(processor), "measured_at": JSONValue(measuredAt),
            "memory_bytes_per_second": JSONValue(memoryRate),
            "matrix_operations_per_second": .object(
                JSONObject(matrixRates.sorted { $0.key < $1.key }.map { ("\($0.key)", JSONValue($0.value)) })),
            "trainer_seconds": .object(JSONObject(speeds.map { ($0.name, $0.json) })),
        ]
    }

    /// Nil for a file of another processor, or one that is not a calibration.
    package init?(_ json: JSONValue, processor: String) {
        guard json["processor"]?.stringValue == processor, let memory = json["memory_bytes_per_second"]?.doubleValue,
            let measured = json["measured_at"]?.doubleValue,
            let object = json["matrix_operations_per_second"]?.objectValue,
            let timed = json["trainer_seconds"]?.objectValue
        else { return nil }
        var rates: [Int: Double] = [:]
        for member in object.members {
            if let threads = Int(member.key), let rate = member.value.doubleValue, rate > 0 { rates[threads] = rate }
        }
        let speeds = timed.members.compactMap { TrainerSpeed(name: $0.key, $0.value) }
        guard !rates.isEmpty, !speeds.isEmpty else { return nil }
        self.init(speeds: speeds, matrixRates: rates, memoryRate: memory, processor: processor, measuredAt: measured)
    }
}

/// Where a calibration is kept between two starts of the program.
package struct CalibrationFile: Sendable {
    private let file: KeptJSON

    package init(path: String, store: FileStore = FileStore()) { file = KeptJSON(path: path, store: store) }

    /// Nil where the environment names no folder for caches.
    package init?(environment: [String: String], store: FileStore = FileStore()) {
        guard let file = KeptJSON(named: "calibration.json", environment: environment, store: store) else { return nil }
        self.file = file
    }

    package var path: String { file.path }

    /// Nil when there is none for this processor; a torn file is none.
    package func load(processor: String) -> Calibration? {
        file.load().flatMap { Calibration($0, processor: processor) }
    }

    package func save(_ calibration: Calibration) throws(FileStoreError) {
        try file.save(calibration.json)
    }
}
