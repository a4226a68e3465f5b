import Foundation
import Glibc

/// Answers requests on this machine one at a time, the way it is told to.
final class LocalServer: @unchecked Sendable {
    let address: String
    private let socket: Int32
    private let lock = NSLock()
    private var seen: [String] = []

    var requests: [String] {
        lock.lock()
        defer { lock.unlock() }
        return seen
    }

    struct NoPort: Error {}

    /// - Parameter answer: Told how many requests came so far and the last of them, head and body.
    init(_ answer: @escaping @Sendable (_ count: Int, _ request: String) -> (status: Int, body: String)) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket
        let isBound = withUnsafeMutablePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(descriptor, place, size) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, place, &size) == 0
            }
        }
        guard isBound else { throw NoPort() }
        address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))/v1"
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                let request = Self.read(client)
                guard let self else {
                    close(client)
                    return
                }
                self.lock.lock()
                self.seen.append(request)
                let count = self.seen.count
                self.lock.unlock()
                let (status, body) = answer(count, request)
                let reply =
                    "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
                _ = reply.withCString { write(client, $0, strlen($0)) }
                close(client)
            }
        }
    }

    deinit {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    /// Heads and as much of a body as they promise.
    private static func read(_ client: Int32) -> String {
        var bytes: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(client, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let promised =
                text[..<end.lowerBound].split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) } ?? 0
            if text[end.upperBound...].utf8.count >= promised { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
