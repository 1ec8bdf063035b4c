/// Linux around one device driver, which it does not know: processes, open files, limits, and the log.
///
/// - Process.swift, Memory/, Files/, Signals/: a process and what it has
/// - Seam/: what a driver asks of a process, which may live in the model or outside
/// - Credentials.swift, ResourceLimits.swift: who may do how much
/// - Locks/: locks as values, who waits for which, and in which order they are taken
/// - Errno.swift: what calls answer; KernelLog.swift: what the kernel says about itself
public struct Kernel: Sendable {
  public var processes: [Process] = []
  /// Open files, by the number that descriptors and mappings name.
  public package(set) var files: [OpenFile?] = []
  public package(set) var log: KernelLog
  /// Where the devices' files lie, and who may open them.
  public var devices = DeviceFileSystem()
  public var memorySettings = MemorySettings()
  /// Tasks as locks see them: who runs, what each holds and waits for, and in which order locks were taken.
  public var tasks: TaskTable
  /// `misc_mtx`, held over every open of a miscellaneous device (drivers/char/misc.c, misc_open).
  package var miscMutex = Mutex()

  package init(lockRules: [LockOrder.Rule], log: KernelLog) {
    tasks = TaskTable(order: LockOrder(lockRules))
    self.log = log
  }
}
