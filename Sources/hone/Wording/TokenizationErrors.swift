import FileStore
import JSONText
import Tokenization

extension TokenizerError: Explained {
    var explanation: Explanation {
        switch self {
        case .unreadable(let error): error.explanation
        case .notJSON(let file, let error):
            Explanation("\(file):\(error.line):\(error.column): this is not JSON", hint: "fetch the file again")
        case .missing(let place):
            Explanation("\(place.file): `\(place.path)` is missing", hint: "fetch the file again from where the model came from")
        case .wrongKind(let place, let found, let wanted):
            Explanation(
                "\(place.file): `\(place.path)` is \(found.rawValue), expected \(wanted.rawValue)",
                hint: "fetch the file again from where the model came from")
        case .unsupported(let place, let value):
            Explanation(
                "\(place.file): hone cannot follow `\(place.path)`: \(value)",
                causes: ["leaving it out would give other ids than the model was trained with"],
                hint: "choose a model whose tokenizer is byte-level or SentencePiece-style BPE")
        case .unknownToken(let place, let token):
            Explanation(
                "\(place.file): `\(place.path)` names the token \(token.debugDescription), which the vocabulary lacks",
                hint: "the files of two tokenizers may be mixed; fetch them again")
        case .badID(let place, let token, let value):
            Explanation("\(place.file): the token \(token.debugDescription) has the id \(value), which no model has")
        case .sameID(let place, let token, let other, let id):
            Explanation(
                "\(place.file): \(token.debugDescription) and \(other.debugDescription) both have the id \(id)",
                hint: "the files of two tokenizers may be mixed; fetch them again")
        case .outOfMemory(let file): Explanation("not enough memory to read \(file)")
        }
    }
}

extension ChatTemplateError: Explained {
    var explanation: Explanation {
        switch reason {
        case .raised(let message):
            Explanation("the chat template refuses the conversation: \(message)", causes: ["line \(line) of the template"])
        case .unsupported(let what):
            Explanation(
                "line \(line) of the chat template uses \(what), which hone does not render",
                hint: "give the model a chat_template.jinja without it")
        default:
            Explanation("the chat template fails in line \(line): \(reason)", hint: "`hone encode --template` shows what it renders")
        }
    }
}

extension ChatEncodingError: Explained {
    var explanation: Explanation {
        switch self {
        case .tokenizer(let error): error.explanation
        case .template(let error): error.explanation
        case .noTemplate(let folder):
            Explanation(
                "\(folder) has no chat template",
                causes: ["neither chat_template.jinja nor `chat_template` in tokenizer_config.json"],
                hint: "put the template the model was trained with into \(folder)/chat_template.jinja")
        case .lostGeneration(let line):
            Explanation(
                "line \(line) of the chat template marks generated text inside a macro or a captured block",
                causes: ["where that text ends up is not known, so nothing can be masked by it"],
                hint: "mark it in the loop over the messages instead")
        case .noTrainingTemplate, .trainingTemplateDiffers:
            Explanation(
                description,
                hint: "put {% generation %} around what the assistant writes, in a chat_template.jinja of your own")
        case .answerNotFound:
            Explanation(
                description,
                causes: ["it marks no generated text, so what the model must learn cannot be told apart"],
                hint: "put {% generation %} around what the assistant writes, in a chat_template.jinja of your own")
        }
    }
}

extension EncodeInputError: Explained {
    var explanation: Explanation {
        switch self {
        case .notJSON(let error, let place):
            Explanation("\(place.path):\(place.line):\(error.column): not JSON", hint: "every line holds one JSON object")
        case .missing(let key, let place): Explanation("\(place.path):\(place.line): there is no `\(key)`")
        }
    }
}
