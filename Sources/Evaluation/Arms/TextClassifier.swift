import Glibc

/// A text classifier without a language model: hashed n-grams of words and letters, multinomial logistic regression.
///
/// It trains in seconds and answers in microseconds, so it is what a fine-tuned model has to beat where answers are labels.
package struct TextClassifier: Sendable {
    package struct Settings: Sendable, Hashable {
        /// Features are hashed into this many buckets (a power of two).
        package var buckets = 1 << 16
        package var epochs = 10
        package var learningRate: Float = 0.5
        /// Each step shrinks the weights it touches by this share of the rate.
        package var decay: Float = 1e-5
        package var seed: UInt64 = 0x686F_6E65

        package init() {}
    }

    /// Most frequent first among the training rows.
    package let labels: [String]
    private let buckets: Int
    private let rarity: [Float]
    /// `buckets` rows of one weight per label, then one row of biases.
    private let weights: [Float]

    /// Nil where there is nothing to tell apart.
    package init?(texts: [String], labels answers: [String], settings: Settings = Settings()) {
        precondition(texts.count == answers.count, "one label per text")
        var counts: [String: Int] = [:]
        for answer in answers { counts[answer, default: 0] += 1 }
        guard counts.count > 1 else { return nil }
        let labels = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        let places = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        let buckets = settings.buckets
        let counted = texts.map { Self.features(of: $0, buckets: buckets) }
        var seenIn = [Float](repeating: 0, count: buckets)
        for features in counted { for feature in features { seenIn[feature.bucket] += 1 } }
        let all = Float(texts.count)
        rarity = seenIn.map { log((1 + all) / (1 + $0)) + 1 }
        let rows = counted.map { [rarity] in Self.weighted($0, rarity) }
        weights = Self.train(rows, answers.map { places[$0] ?? 0 }, classes: labels.count, settings)
        self.labels = labels
        self.buckets = buckets
    }

    package func label(of text: String) -> String {
        let row = Self.weighted(Self.features(of: text, buckets: buckets), rarity)
        var scores = [Float](repeating: 0, count: labels.count)
        weights.withUnsafeBufferPointer { Self.addScores(row, $0, buckets: buckets, to: &scores) }
        var best = 0
        for place in scores.indices where scores[place] > scores[best] { best = place }
        return labels[best]
    }

    private struct Feature {
        let bucket: Int
        var value: Float
    }

    /// Words, pairs of words, and three to five letters in a row within a word with its edges marked.
    private static func features(of text: String, buckets: Int) -> [Feature] {
        var counts: [Int: Float] = [:]
        let mask = UInt64(buckets - 1)
        func add(_ hash: UInt64) { counts[Int((hash ^ (hash >> 29)) & mask), default: 0] += 1 }
        var previous: UInt64 = 1
        for word in TextTerms.words(of: text) {
            let whole = hash(word.utf8, seed: 7)
            add(whole)
            add((previous &* 0x9E37_79B9_7F4A_7C15) ^ whole &* 31)
            previous = whole
            let letters = [0x20] + Array(word.utf8) + [0x20]
            for length in 3...5 where letters.count >= length {
                for start in 0...(letters.count - length) {
                    add(hash(letters[start..<(start + length)], seed: UInt64(length)))
                }
            }
        }
        return counts.map { Feature(bucket: $0.key, value: 1 + log($0.value)) }.sorted { $0.bucket < $1.bucket }
    }

    private static func hash(_ bytes: some Sequence<UInt8>, seed: UInt64) -> UInt64 {
        var state = 0xCBF2_9CE4_8422_2325 ^ (seed &* 0x9E37_79B9_7F4A_7C15)
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        state ^= state >> 31
        return state &* 0x94D0_49BB_1331_11EB
    }

    /// Rare features count more, and every text has length one.
    private static func weighted(_ features: [Feature], _ rarity: [Float]) -> [Feature] {
        var features = features, squares: Float = 0
        for place in features.indices {
            features[place].value *= rarity[features[place].bucket]
            squares += features[place].value * features[place].value
        }
        let scale = squares > 0 ? 1 / squares.squareRoot() : 0
        for place in features.indices { features[place].value *= scale }
        return features
    }

    private static func addScores(
        _ row: [Feature], _ weights: UnsafeBufferPointer<Float>, buckets: Int, to scores: inout [Float]
    ) {
        let classes = scores.count
        scores.withUnsafeMutableBufferPointer { scores in
            for label in 0..<classes { scores[label] += weights[buckets * classes + label] }
            for feature in row {
                let start = feature.bucket * classes, value = feature.value
                for label in 0..<classes { scores[label] += value * weights[start + label] }
            }
        }
    }

    /// Steps row by row in an order drawn anew each round, with a rate that falls to zero (one thread: equal rows give equal
    /// weights).
    private static func train(_ rows: [[Feature]], _ wanted: [Int], classes: Int, _ settings: Settings) -> [Float] {
        let buckets = settings.buckets
        var weights = [Float](repeating: 0, count: (buckets + 1) * classes)
        var scores = [Float](repeating: 0, count: classes)
        var generator = ResamplingGenerator(seed: settings.seed)
        var order = Array(rows.indices)
        let total = Float(max(1, settings.epochs * rows.count))
        var step: Float = 0
        for _ in 0..<settings.epochs {
            for place in order.indices.reversed() where place > 0 {
                order.swapAt(place, generator.next(below: place + 1))
            }
            for row in order {
                let rate = settings.learningRate * Float(classes).squareRoot() * (1 - step / total)
                step += 1
                for label in scores.indices { scores[label] = 0 }
                weights.withUnsafeBufferPointer { addScores(rows[row], $0, buckets: buckets, to: &scores) }
                scores.withUnsafeMutableBufferPointer { softmax($0) }
                scores[wanted[row]] -= 1
                weights.withUnsafeMutableBufferPointer { weights in
                    scores.withUnsafeBufferPointer { errors in
                        for label in 0..<classes { weights[buckets * classes + label] -= rate * 0.1 * errors[label] }
                        for feature in rows[row] {
                            let start = feature.bucket * classes
                            let slope = rate * feature.value, keep = 1 - rate * settings.decay
                            for label in 0..<classes {
                                weights[start + label] = weights[start + label] * keep - slope * errors[label]
                            }
                        }
                    }
                }
            }
        }
        return weights
    }

    private static func softmax(_ scores: UnsafeMutableBufferPointer<Float>) {
        let top = scores.max() ?? 0
        var sum: Float = 0
        for place in scores.indices {
            scores[place] = expf(scores[place] - top)
            sum += scores[place]
        }
        for place in scores.indices { scores[place] /= sum }
    }
}
