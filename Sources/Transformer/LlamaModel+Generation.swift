import ModelFiles
import Plan
import Tensors

extension LlamaModel {
    /// Runs the prompts of `sequences` through the model as one packed batch, fills their caches, and leaves the logits
    /// of each last token in the arena, one row per sequence.
    func prefill(
        _ sequences: [Generator.Sequence], prompts: [[Int32]], _ cache: KeyValueCache
    ) throws(TransformerError) {
        var batch = PackedBatch(rows: [])
        for sequence in sequences {
            let ids = prompts[sequence.prompt]
            batch.append(ids: ids, labels: Array(repeating: PackedBatch.ignored, count: ids.count))
        }
        try check(batch)
        begin(batch, isTraining: false, dropoutKey: 0)
        let owners = zip(sequences, batch.segments).flatMap { sequence, segment in
            Array(repeating: sequence.slot, count: segment.count)
        }
        let lastRows = batch.segments.map { $0.start + $0.count - 1 }
        run(batch, wantedRows: lastRows) { member, layer, at in
            for row in member.share(of: batch.tokenCount, step: self.pass.rowStep) {
                self.append(row, slot: owners[row], index: Int(batch.positions[row]), layer, at, cache)
            }
            self.attendSegments(member, layer, at)
        }
    }

    /// Adds the last token of every sequence to its cache and leaves the logits after it in the arena.
    func extend(_ sequences: [Generator.Sequence], last: [Int32], _ cache: KeyValueCache) throws(TransformerError) {
        let count = sequences.count
        let batch = PackedBatch(
            inputIDs: last, positions: sequences.map { Int32($0.cached) },
            targets: Array(repeating: PackedBatch.ignored, count: count), segments: [])
        try check(batch)
        begin(batch, isTraining: false, dropoutKey: 0)
        pass.splitsOutputs = true
        run(batch, wantedRows: Array(0..<count)) { member, layer, at in
            let scratch = self.arena.floats + self.layout.attentionScratch
            for row in member.share(of: count, step: self.pass.rowStep) {
                let sequence = sequences[row], qkv = at.fused + row * self.attention.fusedWidth
                self.append(row, slot: sequence.slot, index: sequence.cached, layer, at, cache)
                for head in 0..<self.attention.keyValueHeads {
                    self.attention.decode(
                        keyValueHead: head, window: at.window, count: sequence.cached + 1, row: qkv,
                        keys: cache.keys(slot: sequence.slot, layer: layer, head: head),
                        values: cache.values(slot: sequence.slot, layer: layer, head: head),
                        out: at.attended + row * self.attention.queryWidth,
                        scratch: scratch + member.index * self.layout.attentionScratchCount)
                }
            }
        }
    }

    private func append(_ row: Int, slot: Int, index: Int, _ layer: Int, _ at: LayerPass, _ cache: KeyValueCache) {
        for head in 0..<attention.keyValueHeads {
            attention.append(
                index, keyValueHead: head, row: at.fused + row * attention.fusedWidth,
                keys: cache.keys(slot: slot, layer: layer, head: head),
                values: cache.values(slot: slot, layer: layer, head: head))
        }
    }

    private func run(
        _ batch: PackedBatch, wantedRows: [Int], attend: @escaping (TeamMember, Int, LayerPass) -> Void
    ) {
        let layers = (0..<shape.layerCount).map(layerPass)
        batch.inputIDs.withUnsafeBufferPointer { ids in
            batch.positions.withUnsafeBufferPointer { positions in
                (pass.inputIDs, pass.positions) = (ids.baseAddress, positions.baseAddress)
                team.run { member in
                    forward(member, layers: layers) { attend(member, $0, $1) }
                    member.wait()
                    headLogits(member, rows: wantedRows, into: arena.floats + layout.logits)
                }
            }
        }
    }
}
