import ArgumentParser
import Evaluation
import FileStore
import Glibc
import Plan
import Workflows

/// What is measured beside each other, and what that may take.
struct ArmOptions: ParsableArguments {
    @Option(
        name: .customLong("arms"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Ways of solving the task to measure, or `all`: \(ArmSuite.order.map(\.rawValue).joined(separator: ", ")); "
                + "learning_curve trains on 25, 50 and 100 % of the rows and is run where it is named.",
            valueName: "arm"))
    var arms: [String] = []

    @Option(
        name: .customLong("arm"),
        help: ArgumentHelp(
            "Answers of any other system to the same rows, one {\"line\" or \"prompt\", \"output\"} per line; may be repeated.",
            valueName: "name=file.jsonl"))
    var outputs: [String] = []

    @Option(
        help: ArgumentHelp(
            "Also ask a model behind an OpenAI-compatible address, such as https://host/v1; --model names it.",
            valueName: "url"))
    var endpoint: String?

    @Option(help: ArgumentHelp("The environment variable that holds the endpoint's key.", valueName: "name"))
    var keyVariable = "OPENAI_API_KEY"

    @Option(help: ArgumentHelp("Requests to the endpoint per minute at most.", valueName: "number"))
    var rate = 600.0

    @Option(help: ArgumentHelp("The folder that keeps the endpoint's answers.", valueName: "dir"))
    var cache = ".hone/endpoint"

    @Option(help: ArgumentHelp("Documents to retrieve passages from: a folder or a file; may be repeated.", valueName: "dir"))
    var documents: [String] = []

    @Option(help: ArgumentHelp("Time for all arms together, such as 90s, 20m or 1h: the cheapest come first.", valueName: "time"))
    var budget: String?

    @Option(
        help: ArgumentHelp(
            "Parts in which the arms that train nothing answer every row; 0 for the held-out rows alone (default: 5 below 1,000 rows).",
            valueName: "number"))
    var folds: Int?

    @Flag(
        help: ArgumentHelp(
            "Run the code of answers with the tests their rows bring (member `tests`), each in a process with little time, memory and no network; off otherwise."))
    var allowCode = false

    var areWanted: Bool { !arms.isEmpty || !outputs.isEmpty || endpoint != nil }

    func validate() throws {
        guard rate > 0 else { throw ValidationError("--rate must be more than 0") }
        if let folds, !(0...100).contains(folds) { throw ValidationError("--folds is between 0 and 100, not \(folds)") }
        if let budget, Self.seconds(budget) == nil {
            throw ValidationError("--budget is a time such as 90s, 20m or 1h, not `\(budget)`")
        }
        for output in outputs {
            guard let (name, path) = Self.parts(of: output), !name.isEmpty, !path.isEmpty else {
                throw ValidationError("--arm is NAME=FILE, not `\(output)`")
            }
            guard Arm.Kind(rawValue: name) == nil, name.allSatisfy({ !"/\\ ".contains($0) }), !name.hasPrefix(".") else {
                throw ValidationError("`\(name)` cannot name an arm of yours: no space, no slash, and no name hone uses")
            }
        }
        guard Set(outputs.compactMap { Self.parts(of: $0)?.0 }).count == outputs.count else {
            throw ValidationError("two --arm have the same name")
        }
        for arm in arms where arm != "all" && Self.kind(of: arm) == nil {
            throw UnknownArm(name: arm)
        }
    }

    /// - Parameter model: The endpoint's model; nil where none was named.
    func wishes(model: String?, maxNewTokens: Int) throws -> ArmWishes {
        var wishes = ArmWishes()
        // Answers of others come beside what was asked for; named alone they still need something to be compared with.
        var kinds = Set(arms.compactMap(Self.kind))
        if arms.contains("all") { kinds.formUnion(kinds.isEmpty ? [] : ArmSuite.order) }
        wishes.kinds = kinds.isEmpty ? nil : kinds
        wishes.outputs = outputs.compactMap(Self.parts)
        wishes.documents = documents
        wishes.folds = folds
        wishes.allowsCode = allowCode
        wishes.budgetSeconds = budget.flatMap(Self.seconds)
        if let endpoint {
            guard let model else { throw EndpointWithoutModel() }
            wishes.endpoint = try Endpoint(
                address: endpoint, model: model, key: Terminal.environment(keyVariable), maxNewTokens: maxNewTokens,
                requestsPerMinute: rate, cache: cache)
        }
        return wishes
    }

    private static func kind(of name: String) -> Arm.Kind? {
        name == "learning_curve" ? .probe : Arm.Kind(rawValue: name)
    }

    private static func parts(of text: String) -> (name: String, path: String)? {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    /// `1h30m`, `20m`, `90s` or a plain number of seconds.
    static func seconds(_ text: String) -> Double? {
        var total = 0.0, digits = ""
        for character in text {
            if character.isASCII, character.isNumber || character == "." {
                digits.append(character)
                continue
            }
            guard let number = Double(digits), let unit = ["s": 1.0, "m": 60, "h": 3600][String(character)] else { return nil }
            total += number * unit
            digits = ""
        }
        if !digits.isEmpty {
            guard let rest = Double(digits) else { return nil }
            total += rest
        }
        return total > 0 ? total : nil
    }
}

struct UnknownArm: Explained {
    let name: String

    var explanation: Explanation {
        Explanation(
            "there is no arm `\(name)`",
            hint: "arms are all, learning_curve, " + ArmSuite.order.map(\.rawValue).joined(separator: ", "), exitCode: .wrongUsage)
    }
}

struct EndpointWithoutModel: Explained {
    var explanation: Explanation {
        Explanation("the endpoint's model is not named", hint: "add --model NAME", exitCode: .wrongUsage)
    }
}
