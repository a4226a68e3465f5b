import FileStore
import Foundation
import Testing

/// A folder with a short plan for the practice model and forty rows.
enum SmallCase {
    static let plan = """
        version: 1
        model: practice-3m
        method: {kind: lora, rank: 4}
        data:
          paths: [rows.jsonl]
        training:
          max_steps: 24
          learning_rate: 0.001
          micro_batch: 4
          max_length: 64
          save_every: 4
          threads: 2
        output: runs
        """

    static func inFolder(_ body: (String) async throws -> Void) async throws {
        try await withEmptyFolder { folder in
            let rows = (0..<40).map { number in
                #"{"prompt": "Add task number \#(number)", "completion": "{\"add\": \#(number)}"}"#
            }
            try (rows.joined(separator: "\n") + "\n").write(
                toFile: folder + "/rows.jsonl", atomically: false, encoding: .utf8)
            try plan.write(toFile: folder + "/plan.yaml", atomically: false, encoding: .utf8)
            try await body(folder)
        }
    }

    /// The folder of the run that was given this name.
    static func run(_ name: String, in folder: String) throws -> String? {
        let runs = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/runs")) ?? []
        return runs.first { $0.hasSuffix("-" + name) }.map { folder + "/runs/" + $0 }
    }

    static func adapter(of name: String, in folder: String) throws -> Fingerprint {
        let run = try #require(try run(name, in: folder))
        return try FileStore().fingerprint(ofFile: run + "/adapter/adapter_model.safetensors")
    }
}
