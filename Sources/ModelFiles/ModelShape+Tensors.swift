package import Plan

extension ModelShape {
    /// One weight matrix or vector of the model, named as Hugging Face names it.
    package struct Tensor: Sendable, Hashable {
        package let name: String
        package let shape: [Int]

        package init(name: String, shape: [Int]) {
            self.name = name
            self.shape = shape
        }
    }

    /// Every tensor a folder with this model must hold, in the order of the forward pass. A tied head is the embedding.
    package var tensors: [Tensor] {
        var tensors = [Tensor(name: "model.embed_tokens.weight", shape: [vocabularySize, hiddenSize])]
        for layer in 0..<layerCount {
            let path = "model.layers.\(layer)."
            for norm in norms { tensors.append(Tensor(name: path + norm.path + ".weight", shape: [norm.width])) }
            for linear in linears {
                tensors.append(Tensor(name: path + linear.path + ".weight", shape: [linear.outputs, linear.inputs]))
                if linear.hasBias { tensors.append(Tensor(name: path + linear.path + ".bias", shape: [linear.outputs])) }
            }
        }
        tensors.append(Tensor(name: "model.norm.weight", shape: [hiddenSize]))
        if !tiedEmbeddings { tensors.append(Tensor(name: "lm_head.weight", shape: [vocabularySize, hiddenSize])) }
        return tensors
    }

    /// The tensors of the modules that an adapter brings whole: PEFT takes every module whose path ends like a name.
    package func tensorsSaved(by settings: LoRASettings) -> [Tensor] {
        guard !settings.modulesToSave.isEmpty else { return [] }
        return tensors.filter { tensor in
            let module = tensor.name.prefix(upTo: tensor.name.lastIndex(of: ".") ?? tensor.name.endIndex)
            return settings.modulesToSave.contains { module.hasSuffix($0) }
        }
    }

    /// One linear layer of a block.
    package struct Linear: Sendable, Hashable {
        /// Inside the block: `self_attn.q_proj`.
        package let path: String
        package let inputs: Int
        package let outputs: Int
        package var hasBias = false

        /// `q_proj`
        package var module: String { String(path.split(separator: ".").last ?? "") }
    }

    /// The linear layers of every block, in module order.
    package var linears: [Linear] {
        let query = queryWidth, keyValue = keyValueWidth, qkvBias = block.queryKeyValueBias, mlpBias = block.mlpBias
        let reading: [Linear]
        let widening: [Linear]
        if block.fusesProjections {
            reading = [
                Linear(
                    path: "self_attn.qkv_proj", inputs: hiddenSize, outputs: query + 2 * keyValue, hasBias: qkvBias)
            ]
            widening = [
                Linear(path: "mlp.gate_up_proj", inputs: hiddenSize, outputs: 2 * intermediateSize, hasBias: mlpBias)
            ]
        } else {
            reading = [("q_proj", query), ("k_proj", keyValue), ("v_proj", keyValue)].map {
                Linear(path: "self_attn." + $0.0, inputs: hiddenSize, outputs: $0.1, hasBias: qkvBias)
            }
            widening = ["gate_proj", "up_proj"].map {
                Linear(path: "mlp." + $0, inputs: hiddenSize, outputs: intermediateSize, hasBias: mlpBias)
            }
        }
        return reading
            + [Linear(path: "self_attn.o_proj", inputs: query, outputs: hiddenSize, hasBias: block.outputBias)]
            + widening
            + [Linear(path: "mlp.down_proj", inputs: intermediateSize, outputs: hiddenSize, hasBias: mlpBias)]
    }

    /// One norm of a block.
    package struct Norm: Sendable, Hashable {
        package let role: BlockNorm
        /// Inside the block: `self_attn.q_norm`.
        package let path: String
        package let width: Int
    }

    /// The norms of every block.
    package var norms: [Norm] {
        BlockNorm.allCases.compactMap { role in
            role.path(block).map { Norm(role: role, path: $0, width: width(of: role)) }
        }
    }

    private func width(of norm: BlockNorm) -> Int {
        switch (norm, block.queryKeyNorm) {
        case (.query, .wholeRow): queryWidth
        case (.key, .wholeRow): keyValueWidth
        case (.query, _), (.key, _): headSize
        case (.attentionInput, _), (.mlpInput, _), (.attentionOutput, _), (.mlpOutput, _): hiddenSize
        }
    }

    /// The linear layers that an adapter with these settings is put on. A fused matrix is meant when all its parts are.
    package func adapted(by settings: LoRASettings) -> [Linear] { linears.filter { isAdapted($0.module, by: settings) } }

    package func isAdapted(_ module: String, by settings: LoRASettings) -> Bool {
        let targets = settings.targetModules
        return switch module {
        case "qkv_proj" where !targets.contains(module): ["q_proj", "k_proj", "v_proj"].allSatisfy(targets.contains)
        case "gate_up_proj" where !targets.contains(module): ["gate_proj", "up_proj"].allSatisfy(targets.contains)
        default: targets.contains(module)
        }
    }
}
