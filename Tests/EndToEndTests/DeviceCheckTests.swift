import Foundation
import JSONText
import Testing

@Suite("The check of a run on an accelerator, from the outside")
struct DeviceCheckTests {
    private func check(_ options: String, in folder: String = HoneBinary.home) async throws -> HoneBinary.Result {
        try await HoneBinary.shell("\"$HONE\" check " + options, in: folder)
    }

    @Test("it prints the object that other programs rely on, and exits 4 where the run does not fit")
    func object() async throws {
        let small = try await check("--model Llama-3.1-8B-Instruct --device t4 --method qlora --json")
        #expect(small.code == 0, "\(small.talk)")
        let json = try JSONValue.parse(small.output)
        #expect(json["verdict"]?.stringValue == "fits")
        let p50 = try #require(json["p50_bytes"]?.intValue), p95 = try #require(json["p95_bytes"]?.intValue)
        let parts = try #require(json["parts"]?.objectValue).members.compactMap(\.value.intValue)
        #expect(parts.reduce(0, +) == p50 && p95 > p50)
        for key in ["phase", "usable_bytes", "levers", "hours", "cost", "source_of_each"] { #expect(json[key] != nil) }
        let large = try await check("--model Llama-3.1-8B-Instruct --device t4 --method full --json")
        #expect(large.code == 4)
        let levers = try #require(try JSONValue.parse(large.output)["levers"]?.arrayValue)
        #expect(levers.contains { $0["is_enough"]?.boolValue == true })
    }

    @Test("an unknown model or device is refused with the one that was meant, and a contradiction by its two sides")
    func unknown() async throws {
        let model = try await check("--model Qwen/Qwen3-9B --device t4")
        #expect(model.code == 2 && model.talk.contains("did you mean `Qwen/Qwen3-4B`?"))
        let device = try await check("--model Qwen/Qwen3-8B --device a101-40gb")
        #expect(device.code == 2 && device.talk.contains("did you mean `a100-40gb`?"))
        let options = try await check("--model Qwen/Qwen3-8B --method full --rank 8 --device t4")
        #expect(options.code == 2 && options.talk.contains("contradict"))
    }

    @Test("published measurements give one object per row and a summary last")
    func measurements() async throws {
        let result = try await check("--measurements Tests/Oracles/memory/measurements.csv --json")
        #expect(result.code == 0, "\(result.talk)")
        let lines = try result.output.split(separator: "\n").map { try JSONValue.parse(String($0)) }
        #expect(lines.count == 486)
        #expect(
            lines.dropLast().allSatisfy { $0["id"] != nil && ($0["predicted_gib"] != nil || $0["unsupported"] != nil) })
        #expect(lines.last?["summary"]?["out_of_memory_called_fits"]?.intValue == 0)
    }

    @Test("the matrix and a sweep write their pictures")
    func pictures() async throws {
        try await withEmptyFolder { folder in
            let matrix = try await check("--matrix --csv --svg matrix.svg", in: folder)
            #expect(matrix.code == 0 && matrix.output.contains("fits"), "\(matrix.talk)")
            #expect(FileManager.default.fileExists(atPath: folder + "/matrix-dark.svg"))
            let sweep = try await check("--model Qwen/Qwen3-8B --sweep max_length=512:2048 --svg sweep.svg", in: folder)
            #expect(sweep.code == 0 && FileManager.default.fileExists(atPath: folder + "/sweep.svg"), "\(sweep.talk)")
        }
    }
}
