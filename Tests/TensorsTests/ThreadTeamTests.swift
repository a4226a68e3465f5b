import Plan
import Synchronization
import Tensors
import Testing

@Suite("A thread team")
struct ThreadTeamTests {
    @Test("every member runs once, and sees after a wait what the others wrote before it", arguments: 1...4)
    func waiting(threads: Int) {
        let team = ThreadTeam(threads: threads)
        let buffer = Buffer(.float32, count: threads)
        let failures = Atomic(0)
        for round in 1...200 {
            team.run { member in
                buffer.floats[member.index] += 1
                member.wait()
                for other in 0..<threads where buffer.floats[other] != Float(round) {
                    failures.add(1, ordering: .relaxed)
                }
                member.wait()
            }
        }
        #expect(failures.load(ordering: .relaxed) == 0)
    }

    @Test("shares cover everything once, in order", arguments: [0, 1, 7, 8, 100], [1, 8])
    func shares(total: Int, step: Int) {
        let team = ThreadTeam(threads: 3)
        let starts = Buffer(.float32, count: 3), ends = Buffer(.float32, count: 3)
        team.run { member in
            let share = member.share(of: total, step: step)
            (starts.floats[member.index], ends.floats[member.index]) = (
                Float(share.lowerBound), Float(share.upperBound)
            )
        }
        #expect(starts.floats[0] == 0)
        #expect(ends.floats[0] == starts.floats[1])
        #expect(ends.floats[1] == starts.floats[2])
        #expect(ends.floats[2] == Float(total))
    }

    @Test("units are handed out once each, list after list")
    func units() {
        let team = ThreadTeam(threads: 3)
        let taken = Buffer(.float32, count: 50)
        team.run { member in
            while let unit = member.nextUnit(of: 20, base: 0) { taken.floats[unit] += 1 }
            member.wait()
            while let unit = member.nextUnit(of: 30, base: 23) { taken.floats[20 + unit] += 1 }
        }
        #expect((0..<50).allSatisfy { taken.floats[$0] == 1 })
    }
}
