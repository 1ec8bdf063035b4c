import LinuxKernel
import SGXArchitecture
import Testing

@testable import SGXDriver
@testable import Testbench

/// Tasks that wait for a lock: never chosen before it is to be had, and a deadlock where nobody can go on.
@Suite("Waiting") struct WaitingTests {
  /// The first task holds the lock of the second's enclave for no reason of its own, and the second has come to wait for it.
  private func prepared() -> (bench: Bench, holder: TaskID, waiter: TaskID) {
    var bench = Bench()
    let descriptors = [bench.enclave(), bench.enclave()]
    let tasks = descriptors.map { bench.machine.begin(bench.addCall($0, count: 2)) }
    bench.machine.step(tasks[0])
    bench.machine.take(EnclaveID(1), as: tasks[0])
    while bench.machine.runnableTasks.contains(tasks[1]) { bench.machine.step(tasks[1]) }
    return (bench, tasks[0], tasks[1])
  }

  @Test func aBlockedTaskIsNotChosen() {
    var (bench, holder, waiter) = prepared()
    #expect(bench.machine.runnableTasks == [holder])
    #expect(
      bench.machine.blockedTasks.map(\.text) == ["task 2 waits for encl->lock of enclave 1, which task 1 holds"])
    bench.machine.driver.current = holder
    bench.machine.driver.unlock(EnclaveID(1))
    #expect(bench.machine.runnableTasks == [holder, waiter])
    #expect(bench.machine.blockedTasks.isEmpty)
    _ = bench.machine.runTasks()
    #expect(bench.machine.tasks.map(\.outcome) == [.success, .success])
    #expect(bench.machine.tasks[waiter.place].wait == nil)
  }

  @Test func inItsPlaceAnotherGoesOn() {
    var (bench, holder, waiter) = prepared()
    let steps = [holder, waiter].map { bench.machine.tasks[$0.place].steps }
    bench.machine.step(waiter)
    #expect(bench.machine.tasks[waiter.place].steps == steps[1])
    #expect(bench.machine.tasks[holder.place].steps == steps[0] + 1)
  }

  @Test func whereNobodyCanGoOnTheRunEndsAndSaysWhoWaitsForWhat() {
    var (bench, _, waiter) = prepared()
    bench.machine.take(EnclaveID(0), as: waiter)
    _ = bench.machine.runTasks()
    #expect(bench.machine.finding == .deadlock)
    #expect(bench.machine.tasks.map(\.outcome) == [.stopped(.deadlock), .stopped(.deadlock)])
    #expect(
      bench.machine.text(of: .deadlock)
        == "nobody can go on: each waits for a lock that another holds: task 1 waits for encl->lock of enclave 0, which task 2 holds; "
        + "task 2 waits for encl->lock of enclave 1, which task 1 holds")
  }

  /// The holder's call ends without giving the lock back, so that whoever waits for it waits for ever; the law tells of it as well.
  @Test func aCallLetsOthersGoOnUntilItsLockIsFree() {
    var (bench, holder, waiter) = prepared()
    while !bench.machine.isFinished(waiter) { bench.machine.step(waiter) }
    #expect(bench.machine.tasks[holder.place].outcome == .success)
    #expect(bench.machine.tasks[waiter.place].outcome == .stopped(.deadlock))
    #expect(bench.machine.finding == .deadlock)
    // Two locks of one class, and one of them kept.
    #expect(bench.brokenLaws == [.lockOrder, .locksReleased])
  }

  /// A script's own call meets `mmap_lock`, which a fault of a task holds: the fault goes on to its end, and then the call does.
  @Test func aCallOutsideTasksLetsOthersGoOnUntilItsLockIsFree() {
    var bench = Bench()
    let descriptor = bench.loaded()
    _ = bench.mmap(descriptor)
    let fault = bench.machine.begin(bench.accessCall(page: 0))
    bench.machine.step(fault)
    #expect(!bench.machine.driver.holders(of: LockName(.mmap)).isEmpty)
    let unmapped = bench.machine.call(Self.munmap(bench)).outcome
    #expect(unmapped == .success)
    #expect(bench.machine.tasks[fault.place].call.access == .mapped)
    #expect(!bench.machine.driver.processes[0].hasEntry(at: UserAddress(Bench.base)))
    #expect(bench.machine.finding == nil)
    #expect(bench.brokenLaws.isEmpty)
  }

  /// A script's own call and two tasks wait for each other in a circle: it ends there, and the finding names the script among those that wait.
  @Test func aCallOutsideTasksInACircleIsADeadlock() {
    var bench = Bench()
    let descriptors = [bench.enclave(), bench.enclave()]
    let holder = bench.machine.begin(bench.addCall(descriptors[0], count: 2))
    bench.machine.step(holder)
    // It is to take mmap_lock with this held, which no call of the driver does.
    bench.machine.take(EnclaveID(1), as: holder)
    let waiter = bench.machine.begin(bench.addCall(descriptors[0], page: 9))
    let request = MmapRequest(address: UserAddress(Bench.base), length: ByteCount(pageSize), protection: [.read])
    let mapped = bench.machine.call(.mmap(MmapCall(process: bench.process, descriptor: descriptors[1], request: request)))
    #expect(mapped.outcome == .stopped(.deadlock))
    #expect(bench.machine.finding == .deadlock)
    #expect(bench.machine.tasks[waiter.place].outcome == .failure(.EBUSY), "who waits for nobody has gone on")
    #expect(
      bench.machine.text(of: .deadlock)
        == "nobody can go on: each waits for a lock that another holds: task 1 waits for mmap_lock of process 0, which the script holds; "
        + "the script waits for encl->lock of enclave 1, which task 1 holds")
    bench.machine.checkLaws()
    #expect(bench.machine.breaches.contains { $0.invariant == .lockOrder && $0.detail.contains("encl->lock was held where mmap_lock begins") })
  }

  /// Two tasks take two locks in turn, one after the other: nobody waits, and that they take them in two orders is told all the same.
  @Test func twoOrdersAreToldThoughNobodyWaited() {
    var bench = Bench()
    let descriptors = [bench.enclave(), bench.enclave()]
    let tasks = descriptors.map { bench.machine.begin(bench.addCall($0)) }
    bench.machine.driver.current = tasks[0]
    bench.machine.takesDevices { $0.walksSpaces() }
    bench.machine.checkLaws(atRest: false)
    #expect(bench.brokenLaws.isEmpty, "one order alone is none")
    bench.machine.driver.current = tasks[1]
    bench.machine.walksSpaces { $0.takesDevices() }
    _ = bench.machine.runTasks()
    #expect(bench.machine.finding == nil)
    #expect(bench.machine.tasks.map(\.outcome) == [.success, .success])
    #expect(bench.brokenLaws == [.lockOrder])
    #expect(bench.machine.breaches.first?.detail == "misc_mtx was taken with encl->srcu held, and the other way round is the order")
  }

  private static func munmap(_ bench: Bench) -> Testbench.Operation {
    .munmap(MunmapCall(process: bench.process, address: UserAddress(Bench.base), length: ByteCount(pageSize)))
  }

  @Test func placesAreUsedAgainByOtherGenerations() {
    var bench = Bench()
    let descriptors = [bench.enclave(), bench.enclave()]
    let first = bench.machine.begin(bench.addCall(descriptors[0]))
    let second = bench.machine.begin(bench.addCall(descriptors[1]))
    while !bench.machine.isFinished(first) { bench.machine.step(first) }
    _ = bench.machine.take(first)
    let third = bench.machine.begin(bench.addCall(descriptors[0], page: 5))
    #expect(third.place == first.place)
    #expect(third.generation != first.generation)
    #expect(third != second)
    _ = bench.machine.runTasks()
    bench.machine.forgetFinishedTasks()
    #expect(bench.machine.tasks.isEmpty)
  }
}

extension Machine {
  /// Has a task hold an enclave's lock.
  fileprivate mutating func take(_ enclave: EnclaveID, as task: TaskID) {
    driver.current = task
    driver.take(enclave)
  }

  /// Whoever runs does something with `misc_mtx`, which is free.
  fileprivate mutating func takesDevices(and body: (inout Machine) -> Void = { _ in }) {
    do { try driver.lockDevices() } catch { Issue.record("misc_mtx is free") }
    body(&self)
    driver.unlockDevices()
  }

  /// Whoever runs does something inside a walk of an enclave's address spaces.
  fileprivate mutating func walksSpaces(and body: (inout Machine) -> Void = { _ in }) {
    let section = driver.enterSRCU(of: EnclaveID(0))
    body(&self)
    driver.leaveSRCU(section, of: EnclaveID(0))
  }
}
