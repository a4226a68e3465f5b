// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors where it counts (`make test` and CI set HONE_STRICT=1); a newer compiler must not break a user's build.
// Such a build can also be tested: the demo and the tests share it, and it is the optimised one.
let isStrict = Context.environment["HONE_STRICT"] == "1"

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
] + (isStrict ? [.treatAllWarnings(as: .error), .unsafeFlags(["-enable-testing"])] : [])

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// A Swift target with its test target; both live in the folder that carries the name.
func module(_ name: String, _ dependencies: [Target.Dependency], tested: Bool = true) -> [Target] {
    let target = Target.target(name: name, dependencies: dependencies, swiftSettings: settings)
    guard tested else { return [target] }
    let tests = Target.testTarget(
        name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies, swiftSettings: settings)
    return [target, tests]
}

// Each row imports only rows below it (docs/how-it-works.md); rows are listed from the bottom up.
let foundation: [Target] = [
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=fast"])]),
    .target(name: "CText", cSettings: [.unsafeFlags(["-O3"])]),
] + module("JSONText", [])
    + module("YAMLText", [yams])
    + module("Randomness", [])
    + module("FileStore", [crypto])

let values: [Target] = module("Plan", ["JSONText", "YAMLText"])

let tools: [Target] =
    module("RuleEngine", ["YAMLText", "JSONText", "FileStore"])
    + module("Tokenization", ["JSONText", "CText", "FileStore"])
    + module("ModelFiles", ["Plan", "JSONText", "FileStore"])
    + module("Tensors", ["Plan", "CKernels", "COpenBLAS"])
    + module("Registry", ["JSONText", "FileStore", grdb])
    + module("Search", ["FileStore", grdb])

let work: [Target] =
    module("Datasets", ["Plan", "JSONText", "FileStore", "Randomness", "CText", "Tokenization", "RuleEngine"])
    + module("Transformer", ["Plan", "JSONText", "FileStore", "Randomness", "ModelFiles", "Tensors"])

let feasibility: [Target] = module(
    "Feasibility",
    ["Plan", "JSONText", "YAMLText", "FileStore", "RuleEngine", "ModelFiles", "Tensors", "Datasets", "Transformer"])

let stations: [Target] =
    module("Advisor", ["Plan", "JSONText", "YAMLText", "FileStore", "RuleEngine", "ModelFiles", "Datasets", "Feasibility"])
    + module("Launching", ["Plan", "JSONText", "FileStore", "Feasibility", mustache, subprocess])
    + module(
        "Training",
        ["Plan", "JSONText", "FileStore", "Randomness", "ModelFiles", "Tensors", "Datasets", "Transformer", "Feasibility"])
    + module(
        "Evaluation",
        ["Plan", "JSONText", "FileStore", "Randomness", "ModelFiles", "Tensors", "Tokenization", "Datasets", "Transformer"])

let publishing: [Target] = module(
    "Publishing",
    [
        "Plan", "JSONText", "YAMLText", "FileStore", "RuleEngine", "ModelFiles", "Registry", "Datasets", "Feasibility",
        "Advisor", "Launching", "Training", "Evaluation", mustache,
    ])

let everything: [Target.Dependency] = [
    "Plan", "JSONText", "YAMLText", "Randomness", "FileStore", "RuleEngine", "Tokenization", "ModelFiles", "Tensors",
    "Registry", "Search", "Datasets", "Transformer", "Feasibility", "Advisor", "Launching", "Training", "Evaluation", "Publishing",
]

let top: [Target] =
    module("Workflows", everything)
    + [
        .executableTarget(
            name: "hone", dependencies: ["Workflows"] + everything + [arguments], swiftSettings: settings),
        // Writes the corpus of the embedded practice model and trains it; run by `make base-model` only.
        .executableTarget(
            name: "base-model", dependencies: everything + [arguments], path: "Sources/BaseModel", swiftSettings: settings),
        .testTarget(
            name: "BaseModelTests",
            dependencies: ["base-model", "JSONText", "FileStore", "ModelFiles", "Tensors", "Transformer"],
            swiftSettings: settings),
        .testTarget(name: "EndToEndTests", dependencies: ["FileStore", "JSONText", "Plan", subprocess], swiftSettings: settings),
    ]

let package = Package(
    name: "hone",
    products: [.executable(name: "hone", targets: ["hone"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: foundation + values + tools + work + feasibility + stations + publishing + top
)
