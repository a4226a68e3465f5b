import Datasets
import Feasibility
import ModelFiles
import Plan
import Tensors
import Transformer

extension Trainer {
    func runStart(_ epoch: TrainingOrder.Epoch) -> RunStart {
        let mixed = data.generalMix?.rows ?? 0
        return RunStart(
            engine: .bundled, totalSteps: order.totalSteps, meanStepTokens: order.meanStepTokens(of: epoch),
            trainableParameters: learner.model.parameters.reduce(0) { $0 + $1.count },
            trainExamples: data.train.count - mixed, generalExamples: mixed, validationExamples: data.validation.count,
            threads: learner.model.team.count,
            instructionSet: Kernels.instructionSet, resumedFrom: resumedFrom)
    }

    /// What the plan asks for and this run cannot give.
    var warnings: [RunEvent] {
        var warnings: [RunEvent] = []
        let settings = plan.training
        if data.validation.isEmpty, plan.training.evalEvery != nil || stopsEarly {
            warnings.append(
                .warning(
                    id: "no_validation_rows",
                    text: "there are no validation rows: no validation loss, no early stopping"))
        }
        if settings.curriculum != .none, Set(data.train.map(\.stage)).count < 2 {
            warnings.append(
                .warning(
                    id: "curriculum_without_stages",
                    text: "all rows belong to one stage, so the curriculum changes nothing"))
        }
        if base.config.isTextPart {
            warnings.append(
                .warning(
                    id: "images_left_out",
                    text:
                        "the model reads images as well: only its language model is trained, and the result fits that alone"
                ))
        }
        if data.plainPrompts > 0 {
            warnings.append(
                .warning(
                    id: "prompts_without_template",
                    text:
                        "\(data.plainPrompts) rows of prompt and completion are trained without the chat template, as "
                        + "TRL does; whoever asks the model must leave it out too"))
        }
        return warnings
    }

    func metrics(
        _ outcome: Learner.Outcome, tokens: Int, epoch: TrainingOrder.Epoch, seconds: Double
    ) -> StepMetrics {
        StepMetrics(
            globalStep: GlobalStep(state.globalStep), epoch: epoch.position(after: state.globalStep),
            loss: outcome.loss,
            learningRate: outcome.learningRate, gradNorm: outcome.gradNorm, tokens: TokenCount(tokens),
            targetTokens: TokenCount(outcome.targetTokens),
            tokensPerSecond: Double(tokens) / max(seconds, 1e-9),
            peakRSS: peakMemory)
    }

    var peakMemory: ByteCount { MachineProfile.peakResidentMemory() ?? 0 }
}
