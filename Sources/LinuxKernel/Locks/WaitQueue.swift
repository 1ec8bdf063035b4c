/// Tasks that wait for one lock, the first to come at the head; the links lie in the tasks' records.
@frozen @usableFromInline struct WaitQueue: Hashable, Sendable {
  @usableFromInline var head = WaitQueue.none
  @usableFromInline var tail = WaitQueue.none

  @inlinable static var none: UInt32 { .max }

  @inlinable init() {}

  @inlinable var isEmpty: Bool { head == WaitQueue.none }

  /// Whoever runs joins the queue, once: asked again while it waits it stays where it is.
  @usableFromInline mutating func join(_ wait: LockWait, isKillable: Bool = false, isNested: Bool, _ tasks: inout TaskTable) {
    guard tasks.running.wait != wait else { return }
    if wait.mode != .grace { tasks.lockOrder.noteTaken(wait.lock.class, holding: tasks.running.held.classes, isNested: isNested) }
    tasks.running.wait = wait
    tasks.running.isKillable = isKillable
    tasks.running.next = WaitQueue.none
    if isEmpty { head = tasks.runningRecord } else { tasks[tail].next = tasks.runningRecord }
    tail = tasks.runningRecord
  }

  /// The first goes, and no longer waits.
  @usableFromInline mutating func popFirst(_ tasks: inout TaskTable) -> UInt32? {
    guard !isEmpty else { return nil }
    let first = head
    remove(first, &tasks)
    return first
  }

  /// How the first wants the lock.
  func firstMode(_ tasks: TaskTable) -> LockWait.Mode? { isEmpty ? nil : tasks[head].wait?.mode }

  /// The first that wants it beside others goes, wherever in the queue it stands.
  mutating func popShared(_ tasks: inout TaskTable) -> UInt32? {
    var record = head
    while record != WaitQueue.none, tasks[record].wait?.mode != .shared { record = tasks[record].next }
    guard record != WaitQueue.none else { return nil }
    remove(record, &tasks)
    return record
  }

  /// A task leaves the queue, and no longer waits. False where it was not in it.
  @discardableResult
  mutating func remove(_ record: UInt32, _ tasks: inout TaskTable) -> Bool {
    var before = WaitQueue.none
    var here = head
    while here != WaitQueue.none, here != record { (before, here) = (here, tasks[here].next) }
    guard here != WaitQueue.none else { return false }
    let next = tasks[record].next
    if before == WaitQueue.none { head = next } else { tasks[before].next = next }
    if next == WaitQueue.none { tail = before }
    tasks[record].next = WaitQueue.none
    tasks[record].wait = nil
    return true
  }
}
