internal import CKernels
import Foundation

/// A fixed number of threads that run one function together, each on its own part of the rows.
///
/// The calling thread is member 0. The others wait between runs, first spinning, then asleep. Who computes what depends
/// only on the number of members, so equal inputs give equal bits.
package final class ThreadTeam: @unchecked Sendable {
    package let count: Int
    fileprivate let shared: UnsafeMutablePointer<SharedState>
    private var others: [pthread_t] = []

    /// Starts `threads - 1` threads; at least one member always exists, the caller.
    package init(threads: Int) {
        count = max(1, threads)
        shared = .allocate(capacity: 1)
        shared.initialize(to: SharedState(count: UInt32(count)))
        useOneThreadPerProduct()
        for index in 1..<max(1, count) {
            let start = UnsafeMutablePointer<MemberStart>.allocate(capacity: 1)
            start.initialize(to: MemberStart(shared: shared, index: index))
            var thread = pthread_t()
            let status = pthread_create(&thread, nil, memberMain, start)
            precondition(status == 0, "the system refused a thread: error \(status)")
            others.append(thread)
        }
    }

    deinit {
        shared.pointee.isEnding = true
        hone_barrier_wait(&shared.pointee.start, UInt32(count))
        for thread in others { pthread_join(thread, nil) }
        shared.deinitialize(count: 1)
        shared.deallocate()
    }

    /// Runs `body` on every member and returns when all have finished. Not reentrant, and from one thread at a time.
    package func run(_ body: (TeamMember) -> Void) {
        withoutActuallyEscaping(body) { body in
            var job = body
            withUnsafeMutablePointer(to: &job) { job in
                shared.pointee.job = job
                shared.pointee.nextUnit = 0
                hone_barrier_wait(&shared.pointee.start, UInt32(count))
                job.pointee(TeamMember(index: 0, shared: shared))
                hone_barrier_wait(&shared.pointee.end, UInt32(count))
                shared.pointee.job = nil
            }
        }
    }
}

/// One thread's view of a run.
package struct TeamMember {
    package let index: Int
    fileprivate let shared: UnsafeMutablePointer<SharedState>

    package var count: Int { Int(shared.pointee.count) }

    /// This member's share of `0 ..< total`: contiguous, in member order, in multiples of `step` (the last may be
    /// shorter).
    package func share(of total: Int, step: Int = 1) -> Range<Int> {
        let steps = (total + step - 1) / step
        return min(total, steps * index / count * step)..<min(total, steps * (index + 1) / count * step)
    }

    /// Waits until every member of the team has called it; what they wrote before is visible afterwards.
    package func wait() { hone_barrier_wait(&shared.pointee.inside, shared.pointee.count) }

    /// The next of `0 ..< total` that nobody has taken, counted on from `base`, or nil when all are taken.
    ///
    /// For work whose pieces write disjoint results, so that it does not matter who does which. A run that hands out
    /// several lists counts on: `base` is the sum over earlier lists of total + count of members.
    package func nextUnit(of total: Int, base: Int) -> Int? {
        let unit = hone_fetch_add(&shared.pointee.nextUnit, 1) - base
        return unit < total ? unit : nil
    }
}

private struct SharedState {
    var start = hone_barrier()
    var inside = hone_barrier()
    var end = hone_barrier()
    var nextUnit = 0
    let count: UInt32
    var isEnding = false
    var job: UnsafeMutablePointer<(TeamMember) -> Void>?

    init(count: UInt32) { self.count = count }
}

private struct MemberStart {
    let shared: UnsafeMutablePointer<SharedState>
    let index: Int
}

private func memberMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let start = argument?.assumingMemoryBound(to: MemberStart.self) else { return nil }
    let member = start.pointee
    start.deallocate()
    let shared = member.shared
    while true {
        hone_barrier_wait(&shared.pointee.start, shared.pointee.count)
        if shared.pointee.isEnding { return nil }
        shared.pointee.job?.pointee(TeamMember(index: member.index, shared: shared))
        hone_barrier_wait(&shared.pointee.end, shared.pointee.count)
    }
}
