import JSONText

/// The events of a run as they stand in `events.jsonl`, in the order they were written.
package struct EventLog: Sendable, Hashable {
    package private(set) var lines: [EventLine] = []

    package init() {}

    /// Reads a whole file. A torn last line (the engine was killed while writing) and lines of later versions are
    /// passed over; a line that is not JSON anywhere else is passed over too, since the rest is still worth showing.
    package init(_ text: String) {
        for line in text.split(separator: "\n") {
            guard let value = try? JSONValue.parse(String(line)), let event = EventLine(value) else { continue }
            lines.append(event)
        }
    }

    package mutating func append(_ line: EventLine) { lines.append(line) }

    /// The steps by number. After a resume a repeated step replaces the earlier one, and steps that were trained beyond
    /// the checkpoint and then lost do not count.
    package var steps: [StepMetrics] {
        var steps: [StepMetrics] = []
        for case .step(let step) in lines.map(\.event) {
            while let last = steps.last, last.globalStep >= step.globalStep { steps.removeLast() }
            steps.append(step)
        }
        return steps
    }

    /// Looks at the validation rows, with repeated ones replaced like steps.
    package var evals: [EvalMetrics] {
        var evals: [EvalMetrics] = []
        for case .eval(let eval) in lines.map(\.event) {
            while let last = evals.last, last.globalStep >= eval.globalStep { evals.removeLast() }
            evals.append(eval)
        }
        return evals
    }

    package var start: RunStart? {
        for case .started(let start) in lines.reversed().map(\.event) { return start }
        return nil
    }

    package var finish: RunFinish? {
        for case .finished(let finish) in lines.reversed().map(\.event) { return finish }
        return nil
    }

    package var warnings: [(id: String, text: String)] {
        lines.compactMap { line in
            if case .warning(let id, let text) = line.event { (id, text) } else { nil }
        }
    }

    /// The newest checkpoint that was reported.
    package var lastCheckpoint: String? {
        for case .checkpoint(let path, _) in lines.reversed().map(\.event) { return path }
        return nil
    }
}
