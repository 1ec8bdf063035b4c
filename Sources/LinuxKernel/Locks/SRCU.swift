/// A domain of sleepable RCU (kernel/rcu/srcutree.c) as a value: readers may sleep and never wait; who synchronises waits until every
/// reader that was there before has left.
///
/// Readers count in one of two columns. A grace period turns new ones to the other column and lasts until the old one is empty;
/// who comes while one is under way waits for the next.
public struct SRCU: Sendable {
  private var columns = InlineArray<2, UInt32>(repeating: 0)
  /// Column of those that enter now.
  private var column = 0
  /// Those that the grace period under way is for, and those that came too late for it.
  private var waiting = WaitQueue()
  private var late = WaitQueue()

  public init() {}

  public var readers: UInt32 { columns[0] + columns[1] }

  /// Begins a section; returns what its end has to be given.
  public mutating func enter(_ lock: LockName, _ tasks: inout TaskTable) -> Int {
    columns[column] += 1
    tasks.noteTaken(lock, isNested: false)
    return column
  }

  public mutating func leave(_ section: Int, _ lock: LockName, _ tasks: inout TaskTable) {
    tasks.noteReleased(lock)
    guard columns[section] > 0 else { return }
    columns[section] -= 1
    if columns[section] == 0, section != column, !waiting.isEmpty { endPeriod(lock, &tasks) }
  }

  /// Waits for the readers that are there now (synchronize_srcu). False where whoever runs has to wait; it asks again when it goes on.
  public mutating func synchronize(_ lock: LockName, _ tasks: inout TaskTable) -> Bool {
    if tasks.receives(lock) { return true }
    let wait = LockWait(lock, .grace)
    if tasks.running.wait == wait { return false }
    tasks.lockOrder.noteWait(for: lock.class, holding: tasks.running.held.classes)
    guard waiting.isEmpty else {
      late.join(wait, isNested: true, &tasks)
      return false
    }
    // No period is under way, and each leaves its old column empty: whoever is inside counts in the present one.
    guard readers > 0 else { return true }
    column = 1 - column
    waiting.join(wait, isNested: true, &tasks)
    return false
  }

  private mutating func endPeriod(_ lock: LockName, _ tasks: inout TaskTable) {
    while let task = waiting.popFirst(&tasks) { tasks.note(lock, isOverFor: task) }
    guard !late.isEmpty else { return }
    (waiting, late) = (late, WaitQueue())
    column = 1 - column
    if columns[1 - column] == 0 { endPeriod(lock, &tasks) }
  }
}
