import Glibc

/// Unpacks bytes by piping them through the program that knows the format.
struct Decompression {
    let program: String
    let path: String

    func output(of packed: [UInt8]) throws(DatasetError) -> [UInt8] {
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        guard pipe(&toChild) == 0 else { throw .unreadable(path: path, errno: errno) }
        guard pipe(&fromChild) == 0 else {
            let reason = errno
            toChild.forEach { close($0) }
            throw .unreadable(path: path, errno: reason)
        }
        // The child must not hold the ends it does not use, or neither side ever sees the end of the file.
        for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var child: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup("-dc"), nil]
        defer { arguments.forEach { free($0) } }
        let spawned = posix_spawnp(&child, program, &actions, nil, &arguments, environ)
        close(toChild[0])
        close(fromChild[1])
        guard spawned == 0 else {
            close(toChild[1])
            close(fromChild[0])
            throw .noDecompressor(path: path, program: program)
        }
        let unpacked = pump(packed, into: toChild[1], from: fromChild[0])
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            // A child that could not be started reports 127, as shells do.
            if status >> 8 == 127 { throw .noDecompressor(path: path, program: program) }
            throw .decompressionFailed(path: path, program: program, status: status >> 8)
        }
        return unpacked
    }

    /// Writes and reads in turns as the pipes allow: a pipe holds 64 KiB, so writing all first would stop both sides.
    private func pump(_ packed: [UInt8], into input: Int32, from output: Int32) -> [UInt8] {
        var unpacked: [UInt8] = []
        var written = 0
        var inputIsOpen = true
        let ignored = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, ignored) }
        _ = fcntl(input, F_SETFL, O_NONBLOCK)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            if inputIsOpen, written == packed.count {
                close(input)
                inputIsOpen = false
            }
            var waits = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
            if inputIsOpen { waits.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
            if poll(&waits, nfds_t(waits.count), -1) < 0, errno != EINTR { break }
            if inputIsOpen, waits.count > 1, waits[1].revents != 0 {
                let count = packed.withUnsafeBytes {
                    Glibc.write(input, $0.baseAddress.map { $0 + written }, packed.count - written)
                }
                if count > 0 {
                    written += count
                } else if errno != EAGAIN, errno != EINTR {
                    written = packed.count
                }
            }
            if waits[0].revents != 0 {
                let count = Glibc.read(output, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                unpacked += buffer[..<count]
            }
        }
        if inputIsOpen { close(input) }
        close(output)
        return unpacked
    }
}
