import Simulation

/// Who holds which lock; few are held at once, and most of the time none.
public struct HeldLocks: Sendable {
  private var entries: [(lock: LockName, holder: TaskID)] = []

  public init() {}

  /// Tasks that hold a lock, in the order in which they took it.
  public func holders(of lock: LockName) -> [TaskID] { entries.filter { $0.lock == lock }.map(\.holder) }

  /// True where a task that waits like this would not wait any more.
  public func isFree(for wait: LockWait) -> Bool { !entries.contains { $0.lock == wait.lock } }

  /// True where a task holds any.
  public func isHolder(_ task: TaskID) -> Bool { !entries.isEmpty && entries.contains { $0.holder == task } }

  public mutating func take(_ lock: LockName, by task: TaskID) { entries.append((lock, task)) }

  public mutating func release(_ lock: LockName, by task: TaskID) {
    guard let index = entries.lastIndex(where: { $0.lock == lock && $0.holder == task }) else {
      return BenchLaw.broken(.lockHeld)
    }
    entries.remove(at: index)
  }
}
