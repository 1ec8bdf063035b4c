/// A mutex (kernel/locking/mutex.c) as a value: who holds it, and who waits.
///
/// It is handed on: who unlocks makes the first that waits its holder. Linux lets a newcomer have it before that one has woken; the
/// outcome is that of a run in which the waiter came later.
@frozen public struct Mutex: Hashable, Sendable {
  /// Whoever runs outside all tasks is a holder too, so that no number says that it is free.
  @usableFromInline var isHeld = false
  @usableFromInline var owner = TaskID.none
  @usableFromInline var queue = WaitQueue()

  @inlinable public init() {}

  public var isFree: Bool { !isHeld }
  /// Nil where it is free.
  public var holder: TaskID? { isHeld ? owner : nil }

  /// Takes it for whoever runs. False where that thread has to wait; it asks again when it goes on, and is the holder then.
  ///
  /// - Parameter lock: its name for whoever asks who waits for what; always the same for one mutex.
  @inlinable public mutating func lock(_ lock: LockName, _ tasks: inout TaskTable) -> Bool {
    guard !isHeld else { return wait(lock, &tasks) }
    (isHeld, owner) = (true, tasks.current)
    tasks.noteTaken(lock, isNested: false)
    return true
  }

  @inlinable public mutating func unlock(_ lock: LockName, _ tasks: inout TaskTable) {
    tasks.noteReleased(lock)
    isHeld = false
    if !queue.isEmpty { handOver(lock, &tasks) }
  }

  @usableFromInline mutating func wait(_ lock: LockName, _ tasks: inout TaskTable) -> Bool {
    if tasks.receives(lock) { return true }
    queue.join(LockWait(lock, .exclusive), isNested: false, &tasks)
    return false
  }

  @usableFromInline mutating func handOver(_ lock: LockName, _ tasks: inout TaskTable) {
    guard let next = queue.popFirst(&tasks) else { return }
    (isHeld, owner) = (true, tasks.id(at: next))
    tasks.hand(lock, to: next)
  }
}
