internal import JSONText

extension GGUFTokenizer {
    /// The same tokenizer as the bytes of a `tokenizer.json`.
    ///
    /// Of SentencePiece's, the merges are made again from the scores, in the order Hugging Face's converter gives them.
    package func tokenizerJSON(path: String) throws(ModelFileError) -> [UInt8] {
        switch model {
        case .bytePairs:
            guard let components = TextCutting.components(named: preTokenizer) else {
                throw .unsupported(
                    path: path, key: "tokenizer.ggml.pre", found: preTokenizer, supported: TextCutting.names)
            }
            let pairs: [JSONValue] = merges.map { .string($0) }
            return file(
                normalizer: components.normalizer, preTokenizer: components.preTokenizer,
                decoder: ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true],
                options: ["ignore_merges": JSONValue(components.ignoresMerges)], merges: pairs)
        case .sentencePiece:
            let mark: JSONValue = [
                "type": "Replace", "pattern": ["String": " "], "content": "▁",
            ]
            let normalizers: [JSONValue] = addsSpace ? [["type": "Prepend", "prepend": "▁"], mark] : [mark]
            var decoders: [JSONValue] = [
                ["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "ByteFallback"],
                ["type": "Fuse"],
            ]
            if addsSpace { decoders.append(["type": "Strip", "content": " ", "start": 1, "stop": 0]) }
            var options: [(String, JSONValue)] = [("byte_fallback", true), ("fuse_unk", true)]
            if let unknown = roles.unknown { options.append(("unk_token", JSONValue(tokens[unknown].text))) }
            return file(
                normalizer: ["type": "Sequence", "normalizers": .array(normalizers)], preTokenizer: nil,
                decoder: ["type": "Sequence", "decoders": .array(decoders)], options: JSONObject(options),
                merges: mergesByScore().map { [JSONValue($0.0), JSONValue($0.1)] })
        }
    }

    private func file(
        normalizer: JSONValue, preTokenizer: JSONValue, decoder: JSONValue, options: JSONObject, merges: [JSONValue]
    ) -> [UInt8] {
        let added: [JSONValue] = tokens.enumerated().compactMap { id, token in
            guard token.kind == .control || token.kind == .userDefined || token.kind == .unknown else { return nil }
            return [
                "id": JSONValue(id), "content": JSONValue(token.text), "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": JSONValue(token.kind != .userDefined),
            ]
        }
        var rest: [(String, JSONValue)] = [("type", "BPE")]
        rest += options.map { ($0.key, $0.value) }
        rest.append(("merges", .array(merges)))
        let outer: JSONObject = [
            "version": "1.0", "added_tokens": .array(added), "normalizer": normalizer, "pre_tokenizer": preTokenizer,
            "decoder": decoder,
        ]
        // Written by hand: two tokens may be the same text to Unicode, and then an object could not hold both.
        let vocabulary = tokens.enumerated().filter { $0.element.kind != .unused }
            .map { JSONValue.string($0.element.text).text() + ":" + String($0.offset) }.joined(separator: ",")
        let model = JSONValue.object(JSONObject(rest)).text().dropLast()
        let text =
            JSONValue.object(outer).text().dropLast() + ",\"model\":" + model + ",\"vocab\":{" + vocabulary + "}}}"
        return Array(text.utf8)
    }

    /// Every way of making a token from two others, by descending score, then by descending lengths of left and right.
    private func mergesByScore() -> [(String, String)] {
        var ids: [[UInt8]: Int] = [:]
        for (id, token) in tokens.enumerated() where token.kind != .control && token.kind != .unused {
            ids[Array(token.text.utf8)] = id
        }
        struct Merge {
            let left: String, right: String
            let score: Float
            let leftLength: Int, rightLength: Int
        }
        var merges: [Merge] = []
        for (id, token) in tokens.enumerated() where token.kind == .normal {
            let scalars = Array(token.text.unicodeScalars)
            for cut in scalars.indices.dropFirst() {
                var left = String.UnicodeScalarView(), right = String.UnicodeScalarView()
                left.append(contentsOf: scalars[..<cut])
                right.append(contentsOf: scalars[cut...])
                guard ids[Array(String(left).utf8)] != nil, ids[Array(String(right).utf8)] != nil else { continue }
                merges.append(
                    Merge(
                        left: String(left), right: String(right), score: scores[id], leftLength: cut,
                        rightLength: scalars.count - cut))
            }
        }
        return merges.enumerated().sorted { one, other in
            let (a, b) = (one.element, other.element)
            return (a.score, a.leftLength, a.rightLength, other.offset) > (
                b.score, b.leftLength, b.rightLength, one.offset
            )
        }.map { ($0.element.left, $0.element.right) }
    }
}
