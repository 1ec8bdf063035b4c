import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// Two threads on one enclave, and descriptors that share it (linux-driver 2.0, 3.4).
@Suite("Two tasks, descriptors") struct TwoTasksTests {
  enum Second: CaseIterable, Sendable { case add, create, unknown }

  private func call(_ second: Second, _ bench: Bench, _ descriptor: FileDescriptor) -> Testbench.Operation {
    switch second {
    case .add: bench.addCall(descriptor, page: 100) { $0.argument = .unreadable }
    case .create: bench.createCall(descriptor)
    case .unknown: bench.ioctlCall(descriptor)
    }
  }

  @Test(arguments: Second.allCases) func anIoctlIsRefusedWhileAnotherIsInside(_ second: Second) {
    var bench = Bench()
    let descriptor = bench.enclave()
    let first = bench.machine.begin(bench.addCall(descriptor, count: 2))
    bench.machine.step(first)
    while !bench.machine.isFinished(first) {
      var fork = bench.machine
      let refused = fork.begin(call(second, bench, descriptor))
      fork.step(refused)
      #expect(fork.tasks[refused.place].outcome == .failure(.EBUSY), "nothing is waited for, nothing is looked at")
      bench.machine.step(first)
    }
    #expect(Answer(bench.machine.take(first)) == .done(2))
    let after = bench.machine.call(bench.ioctlCall(descriptor))
    #expect(after.outcome == .failure(.ENOTTY), "the bit is free again")
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func twoCreatesOneWinsAndTheLoserIsTold() {
    var bench = Bench()
    let descriptor = bench.open()
    let first = bench.machine.begin(bench.createCall(descriptor))
    bench.machine.step(first)
    let second = bench.machine.begin(bench.createCall(descriptor))
    var chooser = ListChooser([ScheduleEntry(.task(2)), ScheduleEntry(.task(1), until: .callEnd(nth: 1))], then: SeedChooser(seed: 1))
    _ = bench.machine.runTasks(by: &chooser)
    #expect(chooser.finish() == nil)
    #expect(bench.machine.tasks[first.place].outcome == .success)
    #expect(bench.machine.tasks[second.place].outcome == .failure(.EBUSY))
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aDuplicateDescriptorSharesTheBit() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let twin = bench.machine.driver.duplicate(descriptor, in: bench.process)!
    let first = bench.machine.begin(bench.addCall(descriptor, count: 2))
    bench.machine.step(first)
    let refused = bench.machine.begin(bench.addCall(twin, page: 7))
    bench.machine.step(refused)
    #expect(bench.machine.tasks[refused.place].outcome == .failure(.EBUSY))
  }

  @Test func twoEnclavesDoNotDisturbEachOther() {
    var bench = Bench()
    let descriptors = [bench.enclave(), bench.enclave()]
    let tasks = descriptors.map { bench.machine.begin(bench.addCall($0, count: 5)) }
    _ = bench.machine.runTasks()
    for (task, descriptor) in zip(tasks, descriptors) {
      #expect(bench.machine.tasks[task.place].outcome == .success)
      #expect(bench.enclaveObject(descriptor)?.slots.count == 5)
    }
    bench.machine.forgetFinishedTasks()
    #expect(bench.machine.tasks.isEmpty)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aRefusalIsNotBlamedForWhatAnotherTaskDid() {
    var bench = Bench()
    let descriptors = [bench.enclave(), bench.enclave()]
    let good = bench.machine.begin(bench.addCall(descriptors[0], count: 2))
    let bad = bench.machine.begin(bench.createCall(descriptors[1]))
    while !bench.machine.isFinished(good) { bench.machine.step(good) }
    bench.machine.step(bad)
    #expect(bench.machine.tasks[bad.place].outcome == .failure(.EINVAL))
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func theLastDescriptorReleases() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let pages = bench.add(descriptor, count: 3)
    #expect(pages == .done(3))
    let twin = bench.machine.driver.duplicate(descriptor, in: bench.process)!
    let first = bench.close(descriptor)
    #expect(first == .success)
    #expect(bench.freePages == 256 - 5, "the twin holds it")
    let throughTwin = bench.add(twin, page: 3)
    #expect(throughTwin == .done(1))
    let last = bench.close(twin)
    #expect(last == .success)
    #expect(bench.freePages == 256)
    let again = bench.close(twin)
    #expect(again == .failure(.EBADF))
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func theLowestDescriptorIsUsedAgainAndLeadsToAnEmptyEnclave() {
    var bench = Bench()
    let descriptors = [bench.enclave(), bench.enclave()]
    #expect(descriptors.map(\.rawValue) == [3, 4])
    let closed = bench.close(descriptors[0])
    #expect(closed == .success)
    let reused = bench.open()
    #expect(reused == descriptors[0])
    #expect(bench.enclaveObject(reused)?.state == .empty)
    let refused = bench.add(reused)
    #expect(refused == .failed(.EINVAL, pages: nil))
    #expect(bench.enclaveObject(descriptors[1])?.state == .created)
  }

  @Test func aCloseDuringAnIoctlTakesEffectWhenItEnds() {
    for stepsBefore in 1...11 {
      var bench = Bench()
      let descriptor = bench.enclave()
      let add = bench.machine.begin(bench.addCall(descriptor, count: 2))
      for _ in 0..<stepsBefore { bench.machine.step(add) }
      let closed = bench.close(descriptor)
      #expect(closed == .success)
      #expect(!bench.machine.isFinished(add))
      #expect(bench.machine.processor.validPageCount >= 2, "the call inside holds the file")
      while !bench.machine.isFinished(add) { bench.machine.step(add) }
      #expect(Answer(bench.machine.tasks[add.place]) == .done(2))
      #expect(bench.freePages == 256, "closed after step \(stepsBefore)")
      #expect(bench.machine.driver.enclaves.allSatisfy { $0 == nil })
      #expect(bench.machine.driver.files.allSatisfy { $0 == nil })
      #expect(bench.brokenLaws.isEmpty)
    }
  }

  @Test func aCallThatHadNotEnteredNeverDoes() {
    var bench = Bench()
    let descriptors = [bench.enclave(), bench.enclave()]
    let waiting = bench.machine.begin(bench.addCall(descriptors[1], count: 2))
    bench.machine.strike(.signal(.kill), at: .signalPoll)
    let killed = bench.machine.begin(bench.addCall(descriptors[0], count: 2))
    while !bench.machine.isFinished(killed) { bench.machine.step(killed) }
    #expect(bench.machine.tasks[waiting.place].outcome == .killed(.kill))
    #expect(bench.machine.tasks[waiting.place].steps == 0)
    #expect(!bench.machine.driver.processes[0].isAlive)
    #expect(bench.freePages == 256)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aFatalSignalWaitsForTheOtherThreadToLeaveTheKernel() {
    var bench = Bench()
    let descriptors = [bench.enclave(), bench.enclave()]
    let other = bench.machine.begin(bench.addCall(descriptors[0], count: 50))
    for _ in 0..<12 { bench.machine.step(other) }
    bench.machine.strike(.signal(.kill), at: .signalPoll)
    let killed = bench.machine.begin(bench.addCall(descriptors[1], count: 2))
    while !bench.machine.isFinished(killed) { bench.machine.step(killed) }
    #expect(bench.machine.tasks[killed.place].outcome == .killed(.kill))
    #expect(bench.machine.driver.processes[0].isAlive, "a thread of it is still inside")

    while !bench.machine.isFinished(other) { bench.machine.step(other) }
    #expect(bench.machine.tasks[other.place].outcome == .killed(.kill), "it sees the signal at its next page")
    #expect(!bench.machine.driver.processes[0].isAlive)
    #expect(bench.freePages == 256)
    #expect(bench.brokenLaws.isEmpty)
  }
}
