import LinuxKernel
import SGXArchitecture
import SGXDriver
import Testing

@testable import Testbench

/// Tasks that wait for a lock: never chosen before it is to be had, and a deadlock where nobody can go on.
@Suite("Waiting") struct WaitingTests {
  private let lock = LockName(.enclave, 1)
  private let other = LockName(.enclave, 2)

  /// A task that waits for a lock held by another, which has not ended.
  private func prepared() -> (bench: Bench, holder: TaskID, waiter: TaskID) {
    var bench = Bench()
    let descriptors = [bench.enclave(), bench.enclave()]
    let tasks = descriptors.map { bench.machine.begin(bench.addCall($0, count: 2)) }
    bench.machine.step(tasks[0])
    bench.machine.driver.locks.take(lock, by: tasks[0])
    bench.machine.tasks[tasks[1].place].wait = LockWait(lock)
    return (bench, tasks[0], tasks[1])
  }

  @Test func aBlockedTaskIsNotChosen() {
    var (bench, holder, waiter) = prepared()
    #expect(bench.machine.runnableTasks == [holder])
    #expect(
      bench.machine.blockedTasks.map(\.text) == ["task 2 waits for encl->lock of enclave 1, which task 1 holds"])
    bench.machine.driver.locks.release(lock, by: holder)
    #expect(bench.machine.runnableTasks == [holder, waiter])
    #expect(bench.machine.blockedTasks.isEmpty)
    _ = bench.machine.runTasks()
    #expect(bench.machine.tasks.map(\.outcome) == [.success, .success])
    #expect(bench.machine.tasks[waiter.place].wait == nil)
  }

  @Test func inItsPlaceAnotherGoesOn() {
    var (bench, holder, waiter) = prepared()
    let steps = bench.machine.tasks[holder.place].steps
    bench.machine.step(waiter)
    #expect(bench.machine.tasks[waiter.place].steps == 0)
    #expect(bench.machine.tasks[holder.place].steps == steps + 1)
  }

  @Test func whereNobodyCanGoOnTheRunEndsAndSaysWhoWaitsForWhat() {
    var (bench, holder, waiter) = prepared()
    bench.machine.driver.locks.take(other, by: waiter)
    bench.machine.tasks[holder.place].wait = LockWait(other, .grace)
    _ = bench.machine.runTasks()
    #expect(bench.machine.finding == .deadlock)
    #expect(bench.machine.tasks.map(\.outcome) == [.stopped(.deadlock), .stopped(.deadlock)])
    #expect(
      bench.machine.text(of: .deadlock)
        == "nobody can go on: each waits for a lock that another holds: task 1 waits until all have left encl->lock of enclave 2, which task 2 holds; "
        + "task 2 waits for encl->lock of enclave 1, which task 1 holds")
  }

  /// The others go on; the one that ends without giving its lock back breaks a law, and nobody waits for ever.
  @Test func aCallOutsideTasksLetsOthersGoOnUntilItsLockIsFree() {
    var (bench, _, waiter) = prepared()
    bench.machine.tasks[waiter.place].wait = nil
    let third = bench.enclave()
    // The holder's call ends without giving the lock back, so that whoever waits for it waits for ever.
    let place = bench.machine.tasks.count
    let late = bench.machine.begin(bench.addCall(third, page: 3))
    #expect(late.place == place)
    bench.machine.tasks[late.place].wait = LockWait(lock)
    while !bench.machine.isFinished(late) { bench.machine.step(late) }
    #expect(bench.machine.tasks[0].outcome == .stopped(.bench(.locksReturned)))
    #expect(bench.machine.finding == .bench(.locksReturned))
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
