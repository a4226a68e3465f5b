import Datasets
import FileStore
import Foundation
import JSONText
import Plan
import RuleEngine
import Testing
import Tokenization

@Suite("The audit compares rows with what a person says about them")
struct AuditInputsTests {
    static func dataset(_ rows: [String], fields: RowFields = RowFields()) throws -> Dataset {
        try DatasetReader(fields: fields).read(bytes: Array(rows.joined(separator: "\n").utf8), name: "data.jsonl")
    }

    static func finding(
        _ check: AuditCheck, in rows: [String], fields: RowFields = RowFields(), strictness: String? = nil,
        change: (inout DatasetAudit) throws -> Void = { _ in }
    ) throws -> Finding? {
        var audit = try DatasetAudit(book: AuditTests.book.get(), strictness: strictness)
        try change(&audit)
        return audit.profile(try dataset(rows, fields: fields)).findings.first { $0.check == check }
    }

    @Test("A reviewer counts under any column name")
    func reviewerColumn() throws {
        let rows = AuditTests.clean.enumerated().map { place, row in
            row.dropLast() + (place == 7 ? "}" : #","annotator_7":"ann"}"#)
        }.map { String($0) }
        #expect(try Self.finding(.notReviewed, in: rows) == nil)
        var fields = RowFields()
        fields.map(.reviewer, to: "annotator_7")
        let finding = try #require(try Self.finding(.notReviewed, in: rows, fields: fields))
        #expect(finding.count == 1 && finding.examples.map(\.place.line) == [8])
        #expect(finding.severity == .info)
    }

    @Test("The profile `reviewed` makes one row without a reviewer an error, and an unknown profile is named")
    func reviewedProfile() throws {
        let none = try #require(try Self.finding(.notReviewed, in: AuditTests.clean, strictness: "reviewed"))
        #expect(none.severity == .error && none.count == 60)
        let all = AuditTests.clean.map { $0.dropLast() + #","reviewed_by":"ann"}"# }.map { String($0) }
        #expect(try Self.finding(.notReviewed, in: all, strictness: "reviewed") == nil)
        #expect(throws: AuditRulesError.unknownProfile("strict", known: ["regulated", "reviewed"])) {
            _ = try DatasetAudit(book: AuditTests.book.get(), strictness: "strict")
        }
    }

    @Test("A row matches the opt-out list by a member or by words in its text")
    func optOut() throws {
        var rows = AuditTests.clean
        rows[3] = AuditTests.row("Where does Maria Kern live?", "In the old town, near the bridge.")
        rows[9] = AuditTests.row("Explain the tide", "The moon pulls the water.", ["document": "DOC-17"])
        rows[12] = AuditTests.row("Where does Maria Kernel live?", "Nobody of that name lives here.")
        let finding = try #require(
            try Self.finding(.optedOut, in: rows) { $0.optOut = OptOutList("# asked in May\nMaria Kern\ndoc-17\n") })
        #expect(finding.examples.map(\.place.line) == [4, 10])
        #expect(finding.severity == .error)
    }

    @Test("A sample for people asks of every row whether it is correct, rows with findings first")
    func reviewSample() throws {
        var rows = AuditTests.clean
        rows[41] = AuditTests.row("Which key opens it?", "Use AKIAIOSFODNN7EXAMPLE for it.")
        let dataset = try Self.dataset(rows)
        let findings = try DatasetAudit(book: AuditTests.book.get()).profile(dataset).findings
        let sample = ReviewSample(dataset, findings: findings, count: 10, seed: 7).rows
        #expect(sample.count == 10 && sample[0]["found"]?[0]?.stringValue == "secrets")
        for row in sample {
            for question in ["correct", "harmful", "biased", "reviewer"] { #expect(row[question] == .null) }
            #expect(row["request"]?.stringValue?.isEmpty == false && row["answer"]?.stringValue?.isEmpty == false)
        }
        #expect(ReviewSample(dataset, findings: findings, count: 10, seed: 7).rows == sample)
    }

    @Test("Requests from production that no training row resembles are named; alike ones are not")
    func usage() throws {
        func compare(_ requests: [String]) throws -> Finding? {
            let path = NSTemporaryDirectory() + "hone-usage-\(UInt64.random(in: 0...UInt64.max)).txt"
            try requests.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
            defer { try? FileManager.default.removeItem(atPath: path) }
            let sample = try UsageSample(path: path)
            return try Self.finding(.usageDiffers, in: AuditTests.clean) { $0.usage = sample }
        }
        let alike = (0..<30).map {
            "What should I know about \(AuditTests.words[$0 % 12]) when I go to \(AuditTests.words[$0 * 5 % 12]) for \($0 + 2) days?"
        }
        #expect(try compare(alike) == nil)
        let finding = try #require(try compare(alike + ["cancel subscription invoice twice charged refund"]))
        #expect(finding.count == 1 && finding.examples.map(\.place.line) == [31])
        #expect(abs(finding.share - 1.0 / 31) < 1e-9)
    }

    @Test("A declared behaviour without rows is named")
    func behaviours() throws {
        let finding = try #require(
            try Self.finding(.behaviourMissing, in: AuditTests.clean) {
                $0.behaviours = [
                    Behaviour(name: "travel", phrases: ["when i go"]),
                    Behaviour(name: "refund", phrases: ["money back"]),
                ]
            })
        #expect(finding.count == 1 && finding.share == 0.5 && finding.detail == "refund (0 rows)")
    }

    @Test("An accepted finding no longer blocks, until more rows show it")
    func accepted() throws {
        var rows = AuditTests.clean
        rows[5] = AuditTests.row("Use AKIAIOSFODNN7EXAMPLE for it", "I will use that key.")
        var profile = try AuditTests.profile(rows)
        #expect(profile.blocking.map(\.check) == [.secrets])
        let file = NSTemporaryDirectory() + "hone-accepted-\(UInt64.random(in: 0...UInt64.max)).jsonl"
        defer { try? FileManager.default.removeItem(atPath: file + ".accepted") }
        try AcceptedFinding(check: "secrets", because: "an example key", rows: 1, acceptedAt: "2026-11-21T10:00:00Z")
            .append(toFile: try #require(AcceptedFinding.file(beside: [file])))
        profile.accepted = try AcceptedFinding.read(beside: [file])
        #expect(profile.blocking.isEmpty)
        rows[6] = AuditTests.row("Use AKIAIOSFODNN7EXAMPLF for that", "I will use this key too.")
        profile = try AuditTests.profile(rows)
        profile.accepted = try AcceptedFinding.read(beside: [file])
        #expect(profile.blocking.map(\.check) == [.secrets])
    }

    @Test("Languages are told apart, and nothing is guessed from a few words")
    func languages() throws {
        var rows = AuditTests.clean
        rows[3] = AuditTests.row(
            "Wie komme ich mit dem Bus zu der alten Brücke, bitte?",
            "Sie nehmen die Linie drei, und das ist auch nicht weit für den Rückweg.")
        rows[4] = AuditTests.row("Где находится старый мост?", "Старый мост находится у реки.")
        rows[5] = AuditTests.row("Die Brücke", "Da lang")
        let finding = try #require(try Self.finding(.languagesMixed, in: rows))
        #expect(finding.examples.map(\.place.line) == [4, 5])
    }

    @Test("A conversation written out with a template's markers becomes messages again")
    func renderedText() throws {
        let texts = [
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n",
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|>",
            "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello </s>",
        ]
        for text in texts {
            let row = JSONValue.object(["text": .string(text)]).text()
            let example = try #require(try Self.dataset([row]).examples.first)
            #expect(example.messages.map(\.role) == [.system, .user, .assistant])
            #expect(example.messages.map(\.content) == ["Be brief.", "Hi", "Hello"])
            let asText = try DatasetReader(format: .text).read(bytes: Array(row.utf8), name: "x")
            #expect(asText.examples.first?.body == .plainText(text))
        }
    }

    @Test("Every spelling that can hold a row gives the same conversation when it is read again")
    func spellings() throws {
        let row =
            #"{"messages":[{"role":"system","content":"S"},{"role":"user","content":"A b"},{"role":"assistant","content":"C"},{"role":"user","content":"D"},{"role":"assistant","content":"E"}],"id":7}"#
        let example = try #require(try Self.dataset([row]).examples.first)
        for shape in [RowShape.messages, .shareGPT, .alpaca] {
            let written = try #require(example.row(as: shape)).text()
            let again = try #require(try Self.dataset([written]).examples.first)
            #expect(again.shape == shape && again.messages == example.messages)
            #expect(again.metadata == ["id": 7])
        }
        #expect(example.row(as: .promptCompletion) == nil)
    }

    @Test("A limit of memory leaves rows out, says how many, and keeps equal rows together")
    func memory() throws {
        let rows = (0..<2000).map { AuditTests.row("Question \($0 / 2) about the bridge", "Answer \($0 / 2)") }
        let bytes = Array(rows.joined(separator: "\n").utf8)
        var reader = DatasetReader()
        reader.memory = .atMost(ByteCount(60_000_000 + bytes.count * 7 / 20 + 65 * 2000))
        let dataset = try reader.read(bytes: bytes, name: "d.jsonl")
        #expect(dataset.read + dataset.leftOut == 2000)
        #expect((850...1150).contains(dataset.read))
        let profile = try DatasetAudit(book: AuditTests.book.get()).profile(dataset)
        #expect(profile.findings.first { $0.check == .sampled }?.count == dataset.leftOut)
        #expect(profile.multiplicities == [2: dataset.read / 2])
        reader.memory = .atMost(ByteCount(60_000_000 + 2 * bytes.count + 600 * 2000))
        #expect(try reader.read(bytes: bytes, name: "d.jsonl").leftOut == 0)
    }

    @Test("Rows that stay in their file give the same audit as rows in memory", arguments: ["d.jsonl", "d.csv"])
    func onDisk(name: String) throws {
        var lines = AuditTests.clean + AuditTests.clean.prefix(7)
        lines += [
            AuditTests.row("Add milk", "{'action': 'create'}"), "{broken", AuditTests.row("Where to?", ""),
            AuditTests.row(
                "Write to jane.roe@posteo.de", "I did so.", ["group": "g", "licence": "MIT", "split": "test"]),
        ]
        if name.hasSuffix("csv") {
            lines = ["prompt,completion"] + (0..<80).map { "\"Ask, \($0 / 2)\",\"tell \n\($0 % 3)\"" } + ["only one"]
        }
        let bytes = Array(lines.joined(separator: "\n").utf8)
        var reader = DatasetReader()
        let inMemory = try reader.read(bytes: bytes, name: name)
        reader.memory = .atMost(ByteCount(60_000_000 + bytes.count * 7 / 10 + 131 * lines.count))
        let onDisk = try reader.read(bytes: bytes, name: name)
        #expect(onDisk.examples.isEmpty && onDisk.leftOut == 0 && onDisk.dropped == inMemory.dropped)
        #expect(onDisk.kept == inMemory.kept && Array(onDisk.rows) == inMemory.examples)
        let audit = try DatasetAudit(book: AuditTests.book.get(), threads: 3)
        #expect(audit.profile(onDisk) == audit.profile(inMemory))
        #expect(Split(onDisk, settings: SplitSettings()) == Split(inMemory, settings: SplitSettings()))
    }

    @Test("An audit that a plan completes is the audit made with the plan")
    func completed() throws {
        let lines = AuditTests.clean + AuditTests.clean.prefix(5).map { $0.replacing("When", with: "when") }
        let dataset = try DatasetReader().read(bytes: Array(lines.joined(separator: "\n").utf8), name: "d.jsonl")
        let folder =
            URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/models/base"
        let model = AuditModel(encoder: try ChatEncoder(folder: folder), maxLength: 40, batching: .rows(4))
        let book = try AuditTests.book.get()
        for settings in [SplitSettings(), SplitSettings(validation: 0, test: 0.3)] {
            let split = Split(dataset, settings: settings)
            let early = try DatasetAudit(book: book).profile(dataset)
            let audit = try DatasetAudit(book: book, model: model)
            let whole = audit.profile(dataset, split: split)
            #expect(audit.completed(early, dataset, split: split) == whole)
            #expect(whole.findings.contains { $0.check == .noValidation } == (settings.validation == 0))
        }
    }

    @Test("Packing puts the longest first where the least room is left")
    func packing() {
        let forecast = PackingForecast(lengths: [6, 5, 4, 3, 2, 30], maxLength: 10, rowsPerBatch: 2)
        #expect(forecast.packedSequences == 3)
        #expect(forecast.filledShare == 1)
        #expect(PackingForecast(lengths: [7, 7, 7, 7], maxLength: 10, rowsPerBatch: 2).paddingShare == 0)
    }
}

@Suite("The audit sees rows as the trainer does")
struct AuditModelTests {
    static let encoder = Result { try ChatEncoder(folder: HomeFolder.path + "/models/base") }

    @Test("Cuts are forecast with the model's own tokens: rows cut, rows left with nothing to learn")
    func cuts() throws {
        let encoder = try Self.encoder.get()
        let rows = AuditTests.clean + [AuditTests.row(String(repeating: "long ", count: 80), "Yes, it is long.")]
        let dataset = try AuditInputsTests.dataset(rows)
        let lengths = try dataset.examples.map { example in
            try encoder.encode(messages: example.messages.map(\.json)).ids.count
        }
        let limit = try #require(lengths.dropLast().sorted().dropLast(3).last)
        let profile = try DatasetAudit(
            book: AuditTests.book.get(), model: AuditModel(encoder: encoder, maxLength: limit, batching: .rows(4))
        ).profile(dataset)
        #expect(profile.lengths?.tokens == lengths.reduce(0, +))
        #expect(profile.lengths?.longest == lengths.max())
        let cut = lengths.enumerated().filter { $0.element > limit && $0.offset < 60 }.map { $0.offset + 1 }
        let found = profile.findings.first { $0.check == .cutAtMaxLength }
        #expect(found.map { $0.examples.map(\.place.line) } ?? [] == Array(cut.prefix(5)))
        let lost = try #require(profile.findings.first { $0.check == .noTargetLeft })
        #expect(lost.examples.map(\.place.line) == [61])
        #expect(!profile.findings.contains { $0.check == .endNotLearnt || $0.check == .nothingTrained })
    }

    @Test("A template that leaves the end-of-turn token outside the mask is an error on every row")
    func endOutsideTheMask() throws {
        let base = try Self.encoder.get()
        let template = try #require(base.template)
        let source = template.source.replacing(
            "{{- message['content'] + '<|im_end|>' -}}\n{%- endgeneration -%}",
            with: "{{- message['content'] -}}\n{%- endgeneration -%}\n{{- '<|im_end|>' -}}")
        #expect(source != template.source)
        let encoder = ChatEncoder(
            tokenizer: base.tokenizer, template: try ChatTemplate(source: source), stopIDs: base.stopIDs)
        let profile = try DatasetAudit(book: AuditTests.book.get(), model: AuditModel(encoder: encoder))
            .profile(try AuditInputsTests.dataset(AuditTests.clean))
        let finding = try #require(profile.findings.first { $0.check == .endNotLearnt })
        #expect(finding.count == 60 && finding.severity == .error)
    }

    @Test("Conversations the template refuses, and rows masked to the end, are counted")
    func refusedRows() throws {
        let base = try Self.encoder.get()
        let template = try ChatTemplate(
            source: "{% for m in messages %}{% if m['role'] == 'tool' %}{{ raise_exception('no tools') }}{% endif %}"
                + "{{ m['content'] }}{% generation %}{% endgeneration %}{% endfor %}")
        let rows = [
            #"{"messages":[{"role":"user","content":"a b"},{"role":"tool","content":"x"},{"role":"assistant","content":"c d"}]}"#,
            #"{"messages":[{"role":"user","content":"a b"},{"role":"assistant","content":"c d"}]}"#,
        ]
        let profile = try DatasetAudit(
            book: AuditTests.book.get(),
            model: AuditModel(encoder: ChatEncoder(tokenizer: base.tokenizer, template: template))
        ).profile(try AuditInputsTests.dataset(rows))
        #expect(profile.findings.first { $0.check == .templateRefuses }?.examples.map(\.place.line) == [1])
        #expect(profile.findings.first { $0.check == .nothingTrained }?.examples.map(\.place.line) == [2])
    }

    @Test("The whole audit is the same with one thread and with seven")
    func threads() throws {
        var rows = (0..<2500).map { number in
            AuditTests.row(
                "Ask \(number % 900) about \(AuditTests.words[number % 12]) and the bridge over the river \(number % 37)",
                "The answer \(number % 31) is in the house of \(AuditTests.words[number % 11])",
                ["split": number % 9 == 0 ? "test" : "train", "source": number % 5 == 0 ? "synthetic" : "people"])
        }
        rows[17] = "{broken"
        rows[99] = AuditTests.row("Call me at +49 30 901820", "I will call you as an AI language model.")
        func json(threads: Int) throws -> JSONValue {
            let dataset = try DatasetReader(threads: threads).read(
                bytes: Array(rows.joined(separator: "\n").utf8), name: "d")
            var audit = try DatasetAudit(
                book: AuditTests.book.get(), threads: threads,
                model: AuditModel(encoder: Self.encoder.get(), maxLength: 48, batching: .rows(8)))
            audit.behaviours = [Behaviour(name: "travel", phrases: ["bridge"])]
            audit.optOut = OptOutList("river 5")
            return audit.profile(dataset).json
        }
        let one = try json(threads: 1)
        #expect(one == (try json(threads: 7)))
        #expect((one["findings"]?.arrayValue ?? []).count >= 6)
    }
}

/// The checkout, where rules and the embedded model lie.
enum HomeFolder {
    static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
}
