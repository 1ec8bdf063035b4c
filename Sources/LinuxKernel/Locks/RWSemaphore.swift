/// A reader-writer semaphore (kernel/locking/rwsem.c) as a value, fair as Linux's: a reader queues behind a writer that waits.
///
/// It is handed on: to the writer at the head of the queue, or where a reader stands there to every reader of the queue at once.
@frozen public struct RWSemaphore: Hashable, Sendable {
  @usableFromInline var isWritten = false
  @usableFromInline var owner = TaskID.none
  @usableFromInline var readerCount: UInt32 = 0
  @usableFromInline var queue = WaitQueue()

  @inlinable public init() {}

  /// Who writes; nil where nobody does.
  public var writer: TaskID? { isWritten ? owner : nil }
  public var readers: UInt32 { readerCount }
  public var isFree: Bool { !isWritten && readerCount == 0 }

  /// Takes it for reading. False where whoever runs has to wait; it asks again when it goes on, and has it then.
  @inlinable public mutating func lockForReading(_ lock: LockName, _ tasks: inout TaskTable) -> Bool {
    // A reader that waited may have been handed it with others, and finds it neither written nor queued for.
    if tasks.running.handed != nil, tasks.receives(lock) { return true }
    guard !isWritten, queue.isEmpty else { return wait(LockWait(lock, .shared), isKillable: false, isNested: false, &tasks) }
    readerCount += 1
    tasks.noteTaken(lock, isNested: false)
    return true
  }

  @inlinable public mutating func unlockForReading(_ lock: LockName, _ tasks: inout TaskTable) {
    tasks.noteReleased(lock)
    guard readerCount > 0 else { return }
    readerCount -= 1
    if readerCount == 0, !queue.isEmpty { handOver(lock, &tasks) }
  }

  /// Takes it for writing.
  ///
  /// - Parameters:
  ///   - isKillable: a signal that kills ends the wait; see `giveUp`.
  ///   - isNested: another of its class is held, and that is meant (fork, the child's inside the parent's).
  public mutating func lockForWriting(
    _ lock: LockName, isKillable: Bool = false, isNested: Bool = false, _ tasks: inout TaskTable
  ) -> Bool {
    guard !isWritten, readerCount == 0 else {
      return wait(LockWait(lock, .exclusive), isKillable: isKillable, isNested: isNested, &tasks)
    }
    (isWritten, owner) = (true, tasks.current)
    tasks.noteTaken(lock, isNested: isNested)
    return true
  }

  public mutating func unlockForWriting(_ lock: LockName, _ tasks: inout TaskTable) {
    tasks.noteReleased(lock)
    isWritten = false
    if !queue.isEmpty { handOver(lock, &tasks) }
  }

  /// Whoever runs waits no longer: a signal kills it. Those that waited behind it alone may go on.
  public mutating func giveUp(_ lock: LockName, _ tasks: inout TaskTable) {
    guard queue.remove(tasks.runningRecord, &tasks), !isWritten, !queue.isEmpty else { return }
    if readerCount == 0 || queue.firstMode(tasks) == .shared { handOver(lock, &tasks) }
  }

  @usableFromInline mutating func wait(
    _ wait: LockWait, isKillable: Bool, isNested: Bool, _ tasks: inout TaskTable
  ) -> Bool {
    if tasks.receives(wait.lock) { return true }
    queue.join(wait, isKillable: isKillable, isNested: isNested, &tasks)
    return false
  }

  @usableFromInline mutating func handOver(_ lock: LockName, _ tasks: inout TaskTable) {
    if queue.firstMode(tasks) == .exclusive {
      guard let next = queue.popFirst(&tasks) else { return }
      (isWritten, owner) = (true, tasks.id(at: next))
      tasks.hand(lock, to: next)
    } else {
      while let next = queue.popShared(&tasks) {
        readerCount += 1
        tasks.hand(lock, to: next)
      }
    }
  }
}
