package import FileStore
import JSONText
import Subprocess
import SystemPackage

/// The Python an engine runs in, looked at before anything is started with it.
package struct EnginePython: Sendable, Hashable {
    package let path: String
    package let version: String

    /// The folder of the virtual environment that `hone engine setup trl` makes.
    package static func ownEnvironment(_ environment: [String: String]) -> String? {
        CacheFolder(environment: environment).map { $0.path + "/engine-trl" }
    }

    /// Where Python is looked for, in this order; the first that is named or exists is taken, and no other one.
    package static func choose(
        named: String?, environment: [String: String], _ store: FileStore = FileStore()
    ) -> String {
        if let named { return named }
        if let named = environment["HONE_PYTHON"], !named.isEmpty { return named }
        if let own = ownEnvironment(environment), store.exists(own + "/bin/python") { return own + "/bin/python" }
        return "python3"
    }

    /// - Parameter devices: How many accelerators this machine must show to torch; none are looked for when 0.
    package init(
        _ path: String, needing requirements: EngineRequirements, devices: Int, templates: String
    ) async throws(LaunchError) {
        let names = requirements.packages.map(\.name)
        let probe = templates + "/engine/probe.py"
        let output: String
        do {
            let result = try await Subprocess.run(
                Executable(typed: path), arguments: Arguments([probe, devices > 0 ? "devices" : "versions"] + names),
                output: .string(limit: 1 << 16), error: .discarded)
            output = result.standardOutput
        } catch {
            throw .noPython(path: path)
        }
        guard let found = try? JSONValue.parse(output), let version = found["python"]?.stringValue else {
            throw .noPython(path: path)
        }
        var wrong: [String] = [], missing: [String] = []
        for package in requirements.packages {
            guard let version = found["versions"]?[package.name]?.stringValue else {
                missing.append(package.name)
                continue
            }
            if !package.accepts(version) { wrong.append("\(package.name) \(version) instead of \(package.spelling)") }
        }
        guard missing.isEmpty, wrong.isEmpty else {
            throw .packages(python: path, missing: missing, wrong: wrong)
        }
        let present = found["devices"]?.intValue ?? 0
        guard present >= devices else { throw .tooFewDevices(python: path, found: present, wanted: devices) }
        self.path = path
        self.version = version
    }
}

extension Executable {
    /// A program as a shell takes it: a path, or a name to be looked for.
    init(typed program: String) { self = program.contains("/") ? .path(FilePath(program)) : .name(program) }
}
