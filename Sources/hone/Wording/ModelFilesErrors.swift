import JSONText
import ModelFiles
import Plan

extension ModelFileError: Explained {
    var explanation: Explanation {
        switch self {
        case .file(let error): error.explanation
        case .notJSON(let path, let error):
            Explanation("\(path):\(error.line):\(error.column): this is not JSON", hint: "fetch the file again")
        case .notAModelFolder(let path, let missing):
            Explanation(
                "\(path) is not a model folder", causes: ["missing: " + missing.joined(separator: " or ")],
                hint: "point at a folder in Hugging Face layout: config.json, *.safetensors, tokenizer.json")
        case .missingKey(let path, let key):
            Explanation("\(path): `\(key)` is missing", hint: "fetch the file again from where the model came from")
        case .wrongValue(let path, let key, let found, let expected):
            Explanation(
                "\(path): `\(key)` is \(found), expected \(expected)",
                hint: "fetch the file again from where the model came from")
        case .unsupported(let path, let key, let found, let supported):
            Explanation(
                "\(path): `\(key)` is \(found), which hone does not compute",
                causes: ["it computes: " + supported.joined(separator: ", ")],
                hint: "choose a model of one of these kinds")
        case .damaged(let path, let damage):
            Explanation(
                "\(path) is damaged: \(damage.words)",
                hint: "fetch the file again; a copy or download may have stopped early")
        case .missingTensor(let path, let tensor):
            Explanation(
                "\(path) lacks the tensor `\(tensor)`",
                hint: "the weights do not belong to this config.json, or a shard is missing")
        case .wrongShape(let path, let tensor, let found, let expected):
            Explanation(
                "\(path): `\(tensor)` has shape \(found), config.json asks for \(expected)",
                hint: "the weights do not belong to this config.json")
        case .wrongType(let path, let tensor, let found, let expected):
            Explanation(
                "\(path): `\(tensor)` is stored as \(found.rawValue)",
                causes: ["hone reads: " + expected.map(\.rawValue).joined(separator: ", ")],
                hint: "convert the model to bfloat16")
        case .unexpectedTensors(let path, let names):
            Explanation(
                "\(path) holds tensors that belong to no layer it declares: \(names.prefix(3).joined(separator: ", "))",
                hint: "the adapter belongs to another base model")
        case .notFinite(let path, let tensor):
            Explanation(
                "\(path): `\(tensor)` holds a number that is infinite or not a number",
                hint: "fetch the file again; if it stays so, the training that made it went wrong")
        case .missingShard(let path, let shard):
            Explanation("\(path): the index names \(shard), which is not there", hint: "fetch the missing file")
        case .adapterChangesNothing(let path):
            Explanation(
                "\(path) changes nothing: every B factor is zero",
                causes: ["it was saved before its first training step"],
                hint: "give the adapter of a run that finished")
        case .otherBase(let path, let base, let trainedOn):
            Explanation(
                "\(path) was trained on other weights than those in \(base)",
                causes: trainedOn.map { ["its config names `\($0)` as its base"] } ?? [],
                hint: "give the model it was trained on with --model")
        case .tokenizerTooLarge(let path, let largest, let vocabulary):
            Explanation(
                "\(path): the tokenizer has the id \(largest), the embedding \(vocabulary) rows",
                hint: "the tokenizer files belong to another model; fetch them again")
        case .damagedGGUF(let path, let damage):
            Explanation("\(path) cannot be read: \(damage.words)", hint: damage.hint)
        case .notInGGUF(let path, let setting, let found, let expected):
            Explanation(
                "\(path): `\(setting)` is \(found), which GGUF cannot express", causes: ["expected: " + expected],
                hint: "ship the merged safetensors instead: --format merged")
        }
    }
}

extension GGUFDamage {
    fileprivate var words: String {
        switch self {
        case .notGGUF: "it does not begin as a GGUF file does"
        case .version(let version): "version \(version) of the format; hone reads 2 and 3"
        case .endsEarly(let byte): "what byte \(byte) announces lies behind its end"
        case .notText(let byte): "the text at byte \(byte) is not UTF-8"
        case .keyTwice(let key): "`\(key)` is there twice"
        case .badValue(let key): "`\(key)` has a value of the wrong kind or size"
        case .tensorTwice(let name): "the tensor `\(name)` is there twice"
        case .badTensor(let name): "the dimensions of `\(name)` do not go with its type"
        case .unknownType(let tensor, let type): "`\(tensor)` is stored as \(type)"
        case .tensorOutsideFile(let name, let bytes): "`\(name)` lies behind the end of the file (\(bytes) bytes)"
        }
    }

    fileprivate var hint: String {
        switch self {
        case .unknownType:
            "hone reads " + GGUFType.allCases.map { $0.name.uppercased() }.joined(separator: ", ")
                + "; write the model again in one of these"
        default: "fetch the file again; a copy or download may have stopped early"
        }
    }
}

extension SafetensorsDamage {
    fileprivate var words: String {
        switch self {
        case .tooShort(let bytes): "only \(bytes) bytes long"
        case .headerOutsideFile(let header, let file): "a header of \(header) bytes in a file of \(file)"
        case .headerNotJSON(let error): "its header is not JSON (column \(error.column))"
        case .headerNotAnObject: "its header is not a JSON object"
        case .duplicateTensor(let name): "the tensor `\(name)` is declared twice"
        case .badEntry(let tensor, let key): "`\(key)` of `\(tensor)` is missing or of the wrong kind"
        case .unknownType(let tensor, let type): "`\(tensor)` has the unknown type \(type)"
        case .wrongByteCount(let tensor, let found, let expected):
            "`\(tensor)` has \(found) bytes, its shape needs \(expected)"
        case .gapOrOverlap(let tensor, let begin, let expected): "`\(tensor)` begins at \(begin) instead of \(expected)"
        case .truncated(let bytes, let expected): "it ends after \(bytes) of \(expected) bytes of data"
        case .trailingBytes(let count): "\(count) bytes follow the last tensor"
        }
    }
}
