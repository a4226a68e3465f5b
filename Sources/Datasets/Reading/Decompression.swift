import Glibc

/// Unpacks a file through the program that knows its format.
struct Decompression {
    let program: String
    /// The name for messages.
    let path: String

    /// - Parameter packed: The file itself, which may be a spooled one.
    func unpack(_ packed: String, into spool: SpoolFile) throws(DatasetError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, packed, O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, spool.descriptor, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var child: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup("-dc"), nil]
        defer { arguments.forEach { free($0) } }
        guard posix_spawnp(&child, program, &actions, nil, &arguments, environ) == 0 else {
            throw .noDecompressor(path: path, program: program)
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            // A child that could not be started reports 127, as shells do.
            let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
            if code == 127 { throw .noDecompressor(path: path, program: program) }
            throw .decompressionFailed(path: path, program: program, status: code)
        }
    }
}
