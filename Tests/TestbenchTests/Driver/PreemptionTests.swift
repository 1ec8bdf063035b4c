import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// What another thread does between two steps of a call (linux-driver 7.3, A22).
@Suite("Between two steps") struct PreemptionTests {
  @Test func theSourceMayGoAwayBetweenAnyTwoSteps() throws {
    var seen: Set<UInt64> = []
    var nth: UInt64 = 1
    while true {
      var bench = Bench()
      let descriptor = bench.enclave()
      bench.machine.strike(.unmap(bench.source, ByteCount(1024 * pageSize)), at: .preemption, nth: nth)
      let answer = bench.add(descriptor, count: 4)
      let pages = try #require(answer.pages)
      #expect(bench.brokenLaws.isEmpty)
      #expect(bench.enclaveObject(descriptor)?.slots.count == pages)
      if answer == .done(4) { break }
      #expect(answer == .failed(.EFAULT, pages: pages), "unmapped at preemption \(nth)")
      #expect(pages == (seen.max() ?? 0) || pages == (seen.max() ?? 0) + 1, "later is never less")
      seen.insert(pages)
      nth += 1
    }
    #expect(seen == [0, 1, 2, 3], "each page can be the one that fails")
  }

  @Test func aMappingThatTurnsNoexecInTheMiddleIsEACCES() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let task = bench.machine.begin(bench.addCall(descriptor, count: 4))
    while bench.enclaveObject(descriptor)!.slots.count < 2 { bench.machine.step(task) }
    bench.changeSource(page: 1) { space, page in
      _ = space.map(at: page, length: ByteCount(8 * pageSize), protection: .read, mayExecute: false)
    }
    while !bench.machine.isFinished(task) { bench.machine.step(task) }
    #expect(Answer(bench.machine.take(task)) == .failed(.EACCES, pages: 2))
  }

  @Test func theBytesAreThoseOfTheMomentOfThePin() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let task = bench.machine.begin(bench.addCall(descriptor, count: 2))
    while bench.enclaveObject(descriptor)!.slots.residentCount < 1 { bench.machine.step(task) }
    bench.changeSource(page: 1) { space, page in
      let isWritten = space.write([UInt8](repeating: 0x77, count: 2 * Int(pageSize)), at: page)
      #expect(isWritten)
    }
    while !bench.machine.isFinished(task) { bench.machine.step(task) }
    let contents = [2, 3].map { bench.machine.processor.epc[PhysPageNumber($0)].bytes() }
    #expect(contents[0].allSatisfy { $0 == 0 }, "added before")
    #expect(contents[1].allSatisfy { $0 == 0x77 }, "pinned after")
  }

  @Test func aSignalBetweenTwoStepsIsSeenAtTheNextPoll() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let alarm = SignalNumber(14)!
    bench.machine.withProcess(bench.process) { $0.signals.setDisposition(.handler(restarts: false), of: alarm) }
    bench.machine.strike(.signal(alarm), at: .preemption, nth: 4)
    let answer = bench.add(descriptor, count: 4)
    #expect(answer == .done(1), "the page in work is finished first")
  }

  /// Tens of thousands of steps, each of which lets the other task go on: one inside the other they would not fit on the stack.
  @Test func twoTasksMayTakeTurnsForEver() {
    var bench = Bench(pages: 4096, checks: .never)
    let descriptors = [bench.enclave(), bench.enclave()]
    let tasks = descriptors.map { bench.machine.begin(bench.addCall($0, count: 1000)) }
    bench.machine.inject(.runAnotherTask, at: .init(sites: SiteSet(.preemption), count: .every(1), times: .max))
    _ = bench.machine.runTasks()
    #expect(tasks.allSatisfy { bench.machine.tasks[$0.place].outcome == .success })
    #expect(descriptors.allSatisfy { bench.enclaveObject($0)?.slots.count == 1000 })
  }

  @Test func anotherTaskMayRunBetweenTwoSteps() {
    var bench = Bench()
    let descriptors = [bench.enclave(), bench.enclave()]
    let other = bench.machine.begin(bench.addCall(descriptors[1], count: 1))
    bench.machine.inject(.runAnotherTask, at: .init(sites: SiteSet(.preemption), count: .every(1), times: 5))
    let first = bench.machine.begin(bench.addCall(descriptors[0], count: 3))
    while !bench.machine.isFinished(first) { bench.machine.step(first) }
    #expect(bench.machine.tasks[other.place].steps > 0)
    while !bench.machine.isFinished(other) { bench.machine.step(other) }
    #expect(bench.machine.tasks[other.place].outcome == .success)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aPowerCycleBetweenTwoStepsIsFoundOutByTheNextLeaf() {
    var bench = Bench(driver: .reviewed)
    let descriptor = bench.enclave()
    bench.machine.strike(.powerCycle(.s4), at: .preemption, nth: 7)
    let answer = bench.add(descriptor, count: 4)
    #expect(answer == .failed(.EIO, pages: 1))
    #expect(bench.machine.processor.powerCycles == 1)
    #expect(bench.warnings.isEmpty)
    #expect(bench.brokenLaws.isEmpty)
  }
}
