import LinuxKernel

// What the scheduler asks of the locks. A step that meets a held lock changes nothing that others can see and ends with
// `StepOutcome.waits`; it is made again once `canGoOn` says that the lock is to be had. The step that runs is `current`'s.

extension Driver {
  /// True where a task that waits like this would not wait any more.
  public func canGoOn(_ wait: LockWait, as task: TaskID) -> Bool { locks.isFree(for: wait) }

  /// Tasks that hold the lock, in the order in which they took it.
  public func holders(of lock: LockName) -> [TaskID] { locks.holders(of: lock) }
}
