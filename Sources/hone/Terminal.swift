import Glibc

/// Where a command's words go: data to stdout, talk to stderr.
///
/// Nothing is buffered beyond one call, so that two processes writing to one terminal stay readable.
enum Terminal {
    /// Data another program may read.
    static func data(_ text: String) { put(text + "\n", to: STDOUT_FILENO) }

    /// Talk for the person at the terminal.
    static func say(_ text: String = "") { put(text + "\n", to: STDERR_FILENO) }

    /// Replaces the current line of a terminal; only sensible where `isInteractive` holds.
    static func replaceLine(_ text: String) { put("\r\u{1B}[2K" + text, to: STDERR_FILENO) }

    static func put(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            // A reader that went away (`hone … | head`) is not an error of ours.
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }

    /// Stderr is a terminal that understands cursor movement.
    static var isInteractive: Bool {
        isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"
    }

    /// Colour is an ornament, never the only carrier of a meaning (https://no-color.org).
    static var hasColour: Bool { isInteractive && (environment("NO_COLOR") ?? "").isEmpty }

    static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    static func bold(_ text: String) -> String { hasColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    static func red(_ text: String) -> String { hasColour ? "\u{1B}[31m\(text)\u{1B}[0m" : text }
    static func green(_ text: String) -> String { hasColour ? "\u{1B}[32m\(text)\u{1B}[0m" : text }

    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
