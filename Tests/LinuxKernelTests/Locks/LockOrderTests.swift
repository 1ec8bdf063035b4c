import Testing

@testable import LinuxKernel

/// What lockdep would say, although nobody hung.
@Suite("Order of locks") struct LockOrderTests {
  private let a = LockName.Class.mmap
  private let b = LockName.Class.enclave
  private let c = LockName.Class.enclaveSRCU

  private func take(_ inner: LockName.Class, holding outer: [LockName.Class], nested: Bool = false, _ order: inout LockOrder) {
    order.noteTaken(inner, holding: outer.reduce(0) { $0 | $1.bit }, isNested: nested)
  }

  @Test func theOtherWayRoundIsAnInversion() {
    var order = LockOrder()
    take(b, holding: [a], &order)
    take(b, holding: [a], &order)
    #expect(order.faults.isEmpty)
    take(a, holding: [b], &order)
    take(a, holding: [b], &order)
    #expect(order.faults == [.inversion(holding: b, taking: a)], "and is said once")
  }

  @Test func aCircleOfThreeIsOneToo() {
    var order = LockOrder()
    take(b, holding: [a], &order)
    take(c, holding: [b], &order)
    take(a, holding: [c], &order)
    #expect(order.faults == [.inversion(holding: c, taking: a)])
  }

  @Test func aRuleCountsAsSeen() {
    var order = LockOrder([.chain([a, b, c])])
    take(c, holding: [a], &order)
    #expect(order.faults.isEmpty)
    take(a, holding: [c], &order)
    #expect(order.faults == [.inversion(holding: c, taking: a)])
  }

  @Test func twoOfAClassWantAReason() {
    var order = LockOrder()
    take(a, holding: [a], nested: true, &order)
    #expect(order.faults.isEmpty)
    take(a, holding: [a], &order)
    #expect(order.faults == [.twice(a)])
  }

  @Test func whatMustNotBeHeldIsSaid() {
    var order = LockOrder([.never(holding: a, taking: b), .neverWait(holding: a, forReadersOf: c)])
    take(b, holding: [a], &order)
    order.noteWait(for: c, holding: a.bit | b.bit)
    #expect(order.faults == [.forbidden(holding: a, taking: b), .forbiddenWait(holding: a, forReadersOf: c)])
  }

  @Test func aWaitCountsAsWellAsAHold() {
    var tasks = TaskTable()
    let (first, second) = (TaskID(place: 0, generation: 1), TaskID(place: 1, generation: 2))
    var (outer, inner) = (Mutex(), Mutex())
    tasks.run(as: first)
    _ = outer.lock(LockName(a), &tasks)
    tasks.run(as: second)
    _ = inner.lock(LockName(b), &tasks)
    #expect(!outer.lock(LockName(a), &tasks))
    tasks.run(as: first)
    #expect(!inner.lock(LockName(b), &tasks))
    #expect(tasks.faults == [.inversion(holding: a, taking: b)])
  }
}
