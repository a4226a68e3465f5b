import Launching
import Plan
import Testing

@Suite("The time a training still takes")
struct TimeLeftTests {
    private func start(meanStepTokens: Double?) -> RunStart {
        RunStart(
            engine: .bundled, totalSteps: 100, meanStepTokens: meanStepTokens, trainableParameters: 1, trainExamples: 1,
            validationExamples: 0, threads: 1, instructionSet: "scalar")
    }

    private func step(_ number: Int, tokens: Int) -> StepMetrics {
        StepMetrics(
            globalStep: GlobalStep(number), epoch: 0, loss: 1, learningRate: 0, gradNorm: 1, tokens: TokenCount(tokens),
            targetTokens: 1, tokensPerSecond: 1, peakRSS: 0)
    }

    @Test("is not told from the first step, which takes longer than others")
    func firstStep() {
        var left = TimeLeft(start(meanStepTokens: 50))
        #expect(left.seconds == nil)
        left.add(step(1, tokens: 50), at: 10)
        #expect(left.seconds == nil)
        left.add(step(2, tokens: 50), at: 11)
        #expect(left.seconds == 98)
    }

    @Test("counts steps by their tokens")
    func tokens() {
        var left = TimeLeft(start(meanStepTokens: 50))
        left.add(step(1, tokens: 50), at: 0)
        left.add(step(2, tokens: 100), at: 4)
        #expect(left.seconds == 196.0)
        var unknown = TimeLeft(start(meanStepTokens: nil))
        unknown.add(step(1, tokens: 50), at: 0)
        unknown.add(step(2, tokens: 100), at: 4)
        #expect(unknown.seconds == 392.0)
    }

    @Test("counts from where a resumed training goes on, and ends at nothing")
    func resumed() {
        var left = TimeLeft(start(meanStepTokens: 50))
        left.add(step(91, tokens: 50), at: 0)
        left.add(step(92, tokens: 50), at: 1)
        #expect(left.seconds == 8)
        for number in 93...100 { left.add(step(number, tokens: 50), at: Double(number - 91)) }
        #expect(left.seconds == 0)
    }
}
