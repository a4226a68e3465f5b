import FoundationEssentials
import JSONText
import Plan
import Testing

private func step(_ number: Int, loss: Double = 1.5) -> RunEvent {
    .step(
        StepMetrics(
            globalStep: GlobalStep(number), epoch: 0.5, loss: loss, learningRate: 0.002, gradNorm: 0.75, tokens: 4096,
            targetTokens: 800, tokensPerSecond: 12_345.5, peakRSS: ByteCount(mebibytes: 300)))
}

@Suite("Run events")
struct RunEventTests {
    @Test(
        "every event reads back from its line",
        arguments: [
            .started(
                RunStart(
                    engine: .bundled, totalSteps: 100, meanStepTokens: 61.5, trainableParameters: 5, trainExamples: 40, validationExamples: 4,
                    threads: 2, instructionSet: "avx512", resumedFrom: 10)),
            step(3), .eval(EvalMetrics(globalStep: 3, loss: 0.5, perplexity: 1.65)),
            .checkpoint(path: "checkpoints/step-000003", globalStep: 3), .warning(id: "rows.cut", text: "2 rows, \"cut\"\n"),
            .finished(RunFinish(reason: .stopped, globalStep: 3, seconds: 1.5, peakRSS: 77)),
            .failed(error: "no space left", hint: nil),
        ] as [RunEvent])
    func roundTrip(event: RunEvent) throws {
        let line = EventLine(time: Date(timeIntervalSince1970: 1_700_000_000.25), event: event)
        #expect(!line.text.contains("\n"))
        #expect(EventLine(try JSONValue.parse(line.text)) == line)
    }

    @Test("the keys of a step are those of the contract")
    func stepKeys() throws {
        let line = EventLine(time: Date(timeIntervalSince1970: 0), event: step(3))
        #expect(
            line.text
                == #"{"time":"1970-01-01T00:00:00.000Z","event":"step","global_step":3,"epoch":0.5,"loss":1.5,"learning_rate":0.002,"grad_norm":0.75,"tokens":4096,"target_tokens":800,"tokens_per_second":12345.5,"peak_rss_bytes":314572800}"#)
    }

    @Test("a loss that is not a number survives as such")
    func notANumber() throws {
        let line = EventLine(time: Date(timeIntervalSince1970: 0), event: step(3, loss: .nan))
        guard case .step(let read)? = EventLine(try JSONValue.parse(line.text))?.event else {
            Issue.record("no step")
            return
        }
        #expect(read.loss.isNaN && read.gradNorm == 0.75)
    }

    @Test("a torn last line is passed over, and repeated steps replace what was lost")
    func resumedLog() {
        let events: [RunEvent] = [step(1), step(2), step(3, loss: 9), step(2, loss: 7)]
        let text = events.map { EventLine(time: Date(timeIntervalSince1970: 0), event: $0).text + "\n" }.joined()
        let log = EventLog(text + #"{"time":"1970-01-01T00:00:00.000Z","event":"st"#)
        #expect(log.lines.count == 4)
        #expect(log.steps.map(\.globalStep) == [1, 2])
        #expect(log.steps.map(\.loss) == [1.5, 7])
    }

    @Test("checkpoint folders sort like their steps")
    func checkpointNames() {
        let run = RunFolder(path: "runs/20261121-114501-x/")
        #expect(run.id == "20261121-114501-x")
        #expect(run.checkpoint(120) == "runs/20261121-114501-x/checkpoints/step-000120")
        #expect(run.checkpoint(1_234_567) == "runs/20261121-114501-x/checkpoints/step-1234567")
    }
}
