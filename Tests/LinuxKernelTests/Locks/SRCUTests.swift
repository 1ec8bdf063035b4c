import Simulation
import Testing

@testable import LinuxKernel

/// Readers never wait; who synchronises waits for those that were there before it, and in the end always goes on.
@Suite("SRCU") struct SRCUTests {
  private static let lock = LockName(.enclaveSRCU)

  @Test(arguments: 0..<60 as Range<UInt64>) func nobodyGoesOnBeforeTheReadersThatWereThere(_ seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: .script)
    var tasks = TaskTable()
    let readers = (0..<4).map { TaskID(place: $0, generation: 1) }
    let waiters = (4..<7).map { TaskID(place: $0, generation: 1) }
    var domain = SRCU()
    var sections: [TaskID: Int] = [:]
    // For each that waits, the readers it must not overtake.
    var owed: [TaskID: Set<TaskID>] = [:]
    func leave(_ reader: TaskID) {
      tasks.run(as: reader)
      domain.leave(sections.removeValue(forKey: reader)!, Self.lock, &tasks)
      for waiter in waiters where owed[waiter] != nil { owed[waiter]!.remove(reader) }
    }
    func look() {
      for waiter in waiters where owed[waiter] != nil && tasks.wait(of: waiter) == nil {
        tasks.run(as: waiter)
        #expect(domain.synchronize(Self.lock, &tasks))
        #expect(owed[waiter]!.isEmpty, "seed \(seed): a reader was overtaken")
        owed[waiter] = nil
      }
    }
    for _ in 0..<600 {
      let waiter = waiters[Int(random.next(below: 3))]
      let reader = readers[Int(random.next(below: 4))]
      if random.next(below: 3) == 0, owed[waiter] == nil {
        tasks.run(as: waiter)
        let goesOn = domain.synchronize(Self.lock, &tasks)
        if goesOn { #expect(sections.isEmpty) } else { owed[waiter] = Set(sections.keys) }
      } else if sections[reader] != nil {
        leave(reader)
      } else {
        tasks.run(as: reader)
        sections[reader] = domain.enter(Self.lock, &tasks)
        #expect(tasks.heldLocks(of: reader) == [Self.lock])
      }
      look()
      #expect(Int(domain.readers) == sections.count)
    }
    for reader in readers where sections[reader] != nil {
      leave(reader)
      look()
    }
    #expect(owed.isEmpty, "seed \(seed): without readers nobody waits")
    #expect(tasks.faults.isEmpty)
  }

  @Test func aReaderThatComesLaterIsNotWaitedFor() {
    var tasks = TaskTable()
    let (early, late, waiter) = (TaskID(place: 0, generation: 1), TaskID(place: 1, generation: 2), TaskID(place: 2, generation: 3))
    var domain = SRCU()
    tasks.run(as: early)
    let section = domain.enter(Self.lock, &tasks)
    tasks.run(as: waiter)
    #expect(!domain.synchronize(Self.lock, &tasks))
    tasks.run(as: late)
    _ = domain.enter(Self.lock, &tasks)
    tasks.run(as: early)
    domain.leave(section, Self.lock, &tasks)
    #expect(tasks.wait(of: waiter) == nil)
    tasks.run(as: waiter)
    #expect(domain.synchronize(Self.lock, &tasks))
    #expect(domain.readers == 1)
  }
}
