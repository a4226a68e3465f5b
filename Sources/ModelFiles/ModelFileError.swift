package import FileStore
package import JSONText
package import Plan

/// Why a model folder, an adapter or a tensor file cannot be used; always with the file, and the tensor where one is to blame.
package enum ModelFileError: Error, Sendable, Hashable {
    case file(FileStoreError)
    case notJSON(path: String, JSONSyntaxError)
    /// None of these files, one of which every model or adapter folder has.
    case notAModelFolder(path: String, missing: [String])
    case missingKey(path: String, key: String)
    case wrongValue(path: String, key: String, found: String, expected: String)
    /// A kind of model or setting hone does not compute; `supported` is what it does.
    case unsupported(path: String, key: String, found: String, supported: [String])
    case damaged(path: String, SafetensorsDamage)
    case missingTensor(path: String, tensor: String)
    case wrongShape(path: String, tensor: String, found: [Int], expected: [Int])
    case wrongType(path: String, tensor: String, found: ElementType, expected: [ElementType])
    /// Tensors of an adapter that belong to no layer it declares or the base has.
    case unexpectedTensors(path: String, [String])
    /// A number that is not finite, or not a number at all.
    case notFinite(path: String, tensor: String)
    /// An index names a shard that is not there.
    case missingShard(path: String, shard: String)
    /// Every B of an adapter is zero: base and adapter compute what the base computes.
    case adapterChangesNothing(path: String)
    /// An adapter that was trained on other weights.
    case otherBase(path: String, base: String, trainedOn: String?)
    /// The tokenizer has ids the embedding has no row for.
    case tokenizerTooLarge(path: String, largestID: Int, vocabulary: Int)
    case damagedGGUF(path: String, GGUFDamage)
    /// A setting of a model or adapter that a GGUF file cannot say, or that no program reading it computes.
    case notInGGUF(path: String, setting: String, found: String, expected: String)
}

/// What is wrong with the bytes of a safetensors file.
package enum SafetensorsDamage: Sendable, Hashable {
    /// Shorter than the eight bytes that give the header's length.
    case tooShort(bytes: Int)
    case headerOutsideFile(headerBytes: UInt64, fileBytes: Int)
    case headerNotJSON(JSONSyntaxError)
    case headerNotAnObject
    case duplicateTensor(String)
    /// A tensor's entry lacks `key` or holds something else there.
    case badEntry(tensor: String, key: String)
    case unknownType(tensor: String, String)
    /// The shape and type need another number of bytes than the range has.
    case wrongByteCount(tensor: String, found: Int, expected: Int)
    /// The tensors' bytes do not follow each other without gap or overlap.
    case gapOrOverlap(tensor: String, begin: Int, expected: Int)
    /// The header promises more data than the file has: a copy or download that stopped early.
    case truncated(dataBytes: Int, expected: Int)
    case trailingBytes(Int)
}
