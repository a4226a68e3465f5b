/// One HTTP request through `curl`.
///
/// Body and key go to `curl` on its standard input: they stand in no argument list.
struct CurlRequest: Sendable {
    var address: String
    /// JSON to be posted; nil to get.
    var body: String?
    var key: String?
    /// A server on this machine, which no proxy reaches.
    var isLocal = false
    var seconds = 300

    init(address: String, body: String? = nil, key: String? = nil, isLocal: Bool = false, seconds: Int = 300) {
        (self.address, self.body, self.key, self.isLocal, self.seconds) = (address, body, key, isLocal, seconds)
    }

    func send() throws(CurlError) -> (status: Int, response: String) {
        var lines = [
            "url = \(quoted(address))", "silent", "show-error", "max-time = \(seconds)",
            "write-out = \"\\n%{http_code}\"",
        ]
        if let body {
            lines += ["header = \"Content-Type: application/json\"", "data-raw = \(quoted(body))"]
        }
        if let key { lines.append("header = \(quoted("Authorization: Bearer " + key))") }
        if isLocal { lines.append("noproxy = \"*\"") }
        let ended: ChildProcess.Ending
        do throws(ChildProcessError) {
            ended = try ChildProcess("/usr/bin/env", ["curl", "--config", "-"]).run(
                input: lines.joined(separator: "\n"))
        } catch {
            throw .noCurl
        }
        guard ended.status != 127 else { throw .noCurl }
        let said = ended.output, lastLine = said.lastIndex(of: "\n") ?? said.startIndex
        guard ended.status == 0, let status = Int(said[lastLine...].drop { $0 == "\n" }) else {
            throw .unreachable(said: ended.complaint.last ?? "")
        }
        return (status, String(said[..<lastLine]))
    }

    /// As curl's configuration files want it.
    private func quoted(_ text: String) -> String {
        "\""
            + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            .replacing("\r", with: "\\r").replacing("\t", with: "\\t") + "\""
    }
}

/// Why there is no response.
enum CurlError: Error, Sendable, Hashable {
    /// `curl` is not installed.
    case noCurl
    case unreachable(said: String)
}
