package import Datasets
import JSONText

/// How the arms that only change the prompt ask: the words come from the rule book, the rows from the training part.
package struct ArmPrompts: Sendable {
    /// Sentences with `{labels}`, `{keys}`, `{passages}` and `{request}` in them.
    package struct Wording: Sendable, Hashable {
        package var labels: String
        package var json: String
        package var text: String
        package var passages: String

        package init(labels: String, json: String, text: String, passages: String) {
            self.labels = labels
            self.json = json
            self.text = text
            self.passages = passages
        }
    }

    package enum Choice: String, Sendable, Hashable, CaseIterable {
        case random
        case nearest = "bm25"
    }

    private let wording: Wording
    private let training: [Example]
    private let floor: FloorArms
    private let instruction: String
    private let library: PassageLibrary?
    private let seed: UInt64

    /// - Parameters:
    ///   - task: What the task is, in one line, where somebody said so.
    ///   - documents: Searched for passages; without any, answered training rows are.
    package init(
        _ wording: Wording, training: [Example], floor: FloorArms, form: MetricSet.AnswerForm, task: String?,
        documents: [Passage], seed: UInt64 = 17
    ) {
        self.wording = wording
        self.training = training.filter { !$0.request.isEmpty }
        self.floor = floor
        self.seed = seed
        library = documents.isEmpty ? nil : PassageLibrary(documents)
        instruction = Self.instruction(wording, training, form, task)
    }

    package var searchesDocuments: Bool { library != nil }

    /// The row's own prompt with one more sentence that says what form the answer has.
    package func instructed(_ example: Example) -> [ChatMessage] { withInstruction(example.prompt) }

    /// Up to `count` answered training rows as turns before the question, the most similar one last.
    package func fewShot(_ example: Example, count: Int, _ choice: Choice) -> [ChatMessage] {
        let shots = choice == .nearest ? floor.nearest(to: example, count: count).reversed() : random(count, for: example)
        return withShots(shots, before: example.prompt)
    }

    /// The question with the best passages in front of it.
    package func retrieved(_ example: Example, count: Int) -> [ChatMessage] {
        let texts: [String]
        if let library {
            texts = library.nearest(to: example.request, count: count).map(\.text)
        } else {
            texts = floor.nearest(to: example, count: count).map { $0.request + "\n" + $0.completion }
        }
        var messages = example.prompt
        guard !texts.isEmpty, let last = messages.lastIndex(where: { $0.role == .user }) else { return messages }
        messages[last].content = wording.passages
            .replacing("{passages}", with: texts.joined(separator: "\n")).replacing("{request}", with: example.request)
        return messages
    }

    private func random(_ count: Int, for example: Example) -> [Example] {
        guard !training.isEmpty else { return [] }
        // One draw for all rows: a prompt that is put to work shows every request the same examples.
        var generator = ResamplingGenerator(seed: seed), places: [Int] = []
        while places.count < min(count, training.count) {
            let place = generator.next(below: training.count)
            if !places.contains(place) { places.append(place) }
        }
        return places.map { training[$0] }
    }

    private func withShots(_ shots: [Example], before prompt: [ChatMessage]) -> [ChatMessage] {
        let opening = prompt.prefix { $0.role == .system || $0.role == .developer }
        let turns = shots.flatMap { shot in
            [ChatMessage(role: .user, content: shot.request), ChatMessage(role: .assistant, content: shot.completion)]
        }
        return Array(opening) + turns + prompt.dropFirst(opening.count)
    }

    private func withInstruction(_ prompt: [ChatMessage]) -> [ChatMessage] {
        guard let first = prompt.first, first.role == .system || first.role == .developer else {
            return [ChatMessage(role: .system, content: instruction)] + prompt
        }
        var prompt = prompt
        prompt[0].content += "\n" + instruction
        return prompt
    }

    private static func instruction(
        _ wording: Wording, _ training: [Example], _ form: MetricSet.AnswerForm, _ task: String?
    ) -> String {
        let opening = training.contains { $0.systemPrompt != nil } ? nil : task
        let sentence: String
        switch form {
        case .labels:
            let labels = Set(training.map(\.completion)).sorted()
            sentence = wording.labels.replacing("{labels}", with: labels.joined(separator: ", "))
        case .json:
            var keys: [String] = []
            for example in training {
                for key in JSONAnswer.structure(in: example.completion)?.objectValue?.keys ?? [] where !keys.contains(key) {
                    keys.append(key)
                }
            }
            sentence = wording.json.replacing("{keys}", with: keys.joined(separator: ", "))
        case .shortText, .openText: sentence = wording.text
        }
        return [opening, sentence].compactMap(\.self).joined(separator: ". ")
    }
}
