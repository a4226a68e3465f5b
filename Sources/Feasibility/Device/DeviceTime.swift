package import RuleEngine

/// Hours and money of a run on accelerators, as ranges.
package struct DeviceTime: Sendable, Hashable {
    package struct Range: Sendable, Hashable {
        package let low: Double
        package let typical: Double
        package let high: Double
    }

    package let hours: Range
    /// USD at the lowest and the highest price seen, nil where none was seen.
    package let cost: (low: Double, high: Double)?
    package let tokens: Double
    /// The row of the utilisation table, and how far it is to be trusted.
    package let evidence: String
    package let trust: String

    /// `tokens`: all tokens trained on, padding included, over all epochs. Nil where the device's speed is not known.
    package init?(_ run: DeviceRun, on device: Device, tokens: Double, _ book: RuleBook) {
        guard let rate = device.denseTeraflops, let table = book.table("utilisation") else { return nil }
        let method = run.method == .full ? "full" : run.format.isQuantised ? "qlora" : "lora"
        let row = table.rows.first { row in
            let words = row.list("device_words") ?? []
            return (row.list("methods") ?? []).contains(method)
                && words.contains { $0 == "*" || device.id.hasPrefix($0) }
        }
        guard let row, let low = row.number("low"), let high = row.number("high"), low > 0, high >= low else {
            return nil
        }
        let operations = tokens * DeviceTime.operationsPerToken(run)
        func hours(_ share: Double) -> Double { operations / (share * rate * 1e12 * Double(run.devices) * 3600) }
        // Download, load, tokenise, evaluate, save: 3 to 10 minutes.
        self.hours = Range(
            low: hours(high) + 3.0 / 60, typical: hours((low * high).squareRoot()) + 5.0 / 60,
            high: hours(low) + 10.0 / 60)
        if let cheapest = device.lowPrice, let dearest = device.highPrice {
            let count = Double(run.devices)
            cost = (self.hours.low * cheapest * count, self.hours.high * dearest * count)
        } else {
            cost = nil
        }
        self.tokens = tokens
        evidence = row.text("evidence") ?? row.id
        trust = row.text("trust") ?? "C"
    }

    /// Forward, backward, recomputation; a frozen base needs no gradients of weights; causal attention counts half.
    static func operationsPerToken(_ run: DeviceRun) -> Double {
        let model = run.architecture
        let multiplied = model.activeParameters - (model.isTied ? 0 : model.embeddingParameters)
        let attention = Double(model.layers) * model.width * Double(run.rowTokens)
        let passes: Double = (run.method == .full ? 6 : 4) + (run.checkpointing ? 2 : 0)
        return passes * multiplied + (run.checkpointing ? 8 : 6) * attention
    }

    package static func == (a: DeviceTime, b: DeviceTime) -> Bool { a.hours == b.hours && a.tokens == b.tokens }
    package func hash(into hasher: inout Hasher) { hasher.combine(hours) }
}
