import LinuxKernel

// Locks of the driver and how its calls take them. A step that meets a held lock changes nothing that others can see and ends with
// `StepOutcome.waits`; it is made again once the lock has been handed to its task.

extension Driver {
  /// The task whose step runs, set by the scheduler ahead of each: what takes a lock is its holder.
  package var current: TaskID {
    get { kernel.tasks.current }
    set { kernel.tasks.run(as: newValue) }
  }

  /// True where a task that waits like this would not wait any more: the lock is its own by now, or a signal has killed it.
  package func canGoOn(_ wait: LockWait, as task: TaskID) -> Bool {
    guard kernel.tasks.wait(of: task) == wait else { return true }
    guard wait.lock.class == .mmap, kernel.tasks.waitsKillably(task) else { return false }
    return kernel.processes[Int(wait.lock.instance)].signals.kills
  }

  /// Tasks that hold the lock, by place.
  package func holders(of lock: LockName) -> [TaskID] { kernel.tasks.holders(of: lock) }

  /// True where whoever runs waited for a lock, and has come to hold it without having seen that.
  func isHanded(_ class: LockName.Class, _ enclave: EnclaveID) -> Bool { kernel.tasks.isHanded(LockName(`class`, enclave.rawValue)) }

  /// Orders and prohibitions of the kernel's sources (encl.c, main.c and ioctl.c; mm/mmap.c). What is seen beside them is recorded.
  static let lockRules: [LockOrder.Rule] = [
    .chain([.mmap, .enclave]),
    .chain([.enclaveSRCU, .mmap]),
    .chain([.misc, .svn]),
    // A batch takes both itself.
    .never(holding: .enclave, taking: .reclaim),
    .never(holding: .mmap, taking: .reclaim),
    .never(holding: .enclave, taking: .mmap),
    .neverWait(holding: .mmap, forReadersOf: .enclaveSRCU),
    .neverWait(holding: .enclave, forReadersOf: .enclaveSRCU),
  ]
}

// MARK: encl->lock

extension Driver {
  private func name(of enclave: EnclaveID) -> LockName { LockName(.enclave, enclave.rawValue) }

  mutating func lock(_ enclave: EnclaveID) throws(CallStop) {
    let name = name(of: enclave)
    guard enclaves[Int(enclave.rawValue)]!.lock.lock(name, &kernel.tasks) else { throw .waits(LockWait(name)) }
  }

  mutating func unlock(_ enclave: EnclaveID) { enclaves[Int(enclave.rawValue)]!.lock.unlock(name(of: enclave), &kernel.tasks) }
}

// MARK: mmap_lock

extension Driver {
  private func name(of process: ProcessID) -> LockName { LockName(.mmap, UInt32(truncatingIfNeeded: process.rawValue)) }

  mutating func lockMemoryForReading(of process: ProcessID) throws(CallStop) {
    let name = name(of: process)
    guard kernel.processes[process.rawValue].mmapLock.lockForReading(name, &kernel.tasks) else { throw .waits(LockWait(name, .shared)) }
  }

  mutating func unlockMemoryForReading(of process: ProcessID) {
    kernel.processes[process.rawValue].mmapLock.unlockForReading(name(of: process), &kernel.tasks)
  }

  /// As mmap, munmap and mprotect do it: a signal that kills ends the wait with EINTR (mmap_write_lock_killable).
  mutating func lockMemoryForWriting(of process: ProcessID) throws(CallStop) {
    let name = name(of: process)
    let isWaiting = kernel.tasks.wait(of: kernel.tasks.current) != nil
    if isWaiting, kernel.processes[process.rawValue].signals.kills {
      kernel.processes[process.rawValue].mmapLock.giveUp(name, &kernel.tasks)
      throw .errno(.EINTR)
    }
    guard kernel.processes[process.rawValue].mmapLock.lockForWriting(name, isKillable: true, &kernel.tasks) else {
      throw .waits(LockWait(name))
    }
  }

  mutating func unlockMemoryForWriting(of process: ProcessID) {
    kernel.processes[process.rawValue].mmapLock.unlockForWriting(name(of: process), &kernel.tasks)
  }
}

// MARK: encl->srcu and misc_mtx

extension Driver {
  private func srcuName(_ enclave: EnclaveID) -> LockName { LockName(.enclaveSRCU, enclave.rawValue) }

  /// Begins a walk of the address spaces that map an enclave; returns what the end has to be given.
  mutating func enterSRCU(of enclave: EnclaveID) -> Int {
    enclaves[Int(enclave.rawValue)]!.srcu.enter(srcuName(enclave), &kernel.tasks)
  }

  mutating func leaveSRCU(_ section: Int, of enclave: EnclaveID) {
    enclaves[Int(enclave.rawValue)]!.srcu.leave(section, srcuName(enclave), &kernel.tasks)
  }

  /// Waits for the walks that are under way (synchronize_srcu).
  mutating func synchronizeSRCU(of enclave: EnclaveID) throws(CallStop) {
    guard enclaves[Int(enclave.rawValue)]!.srcu.synchronize(srcuName(enclave), &kernel.tasks) else {
      throw .waits(LockWait(srcuName(enclave), .grace))
    }
  }

  mutating func lockDevices() throws(CallStop) {
    guard kernel.miscMutex.lock(LockName(.misc), &kernel.tasks) else { throw .waits(LockWait(LockName(.misc))) }
  }

  mutating func unlockDevices() { kernel.miscMutex.unlock(LockName(.misc), &kernel.tasks) }
}
