/// A lock of the kernel: its class, and which of its class it is.
@frozen public struct LockName: Hashable, Sendable {
  /// Locks are alike within a class: orders of taking are between classes.
  @frozen public enum Class: UInt8, CaseIterable, Sendable {
    /// `encl->lock`; the instance is the enclave.
    case enclave
    /// `mm->mmap_lock`; the instance is the process.
    case mmap
    /// `encl->srcu`; the instance is the enclave.
    case enclaveSRCU
    /// `misc_mtx`, held over every open.
    case misc
    /// `sgx_svn_lock`, which guards the count of users.
    case svn
    /// No lock, but work that takes locks of its own: a batch of the reclaimer (main.c, sgx_reclaim_pages).
    case reclaim

    @inlinable var bit: UInt16 { 1 << UInt16(rawValue) }

    /// As the kernel calls it.
    public var text: String {
      switch self {
      case .enclave: "encl->lock"
      case .mmap: "mmap_lock"
      case .enclaveSRCU: "encl->srcu"
      case .misc: "misc_mtx"
      case .svn: "sgx_svn_lock"
      case .reclaim: "sgx_reclaim_pages"
      }
    }
  }

  public let `class`: Class
  public let instance: UInt32

  @inlinable public init(_ class: Class, _ instance: UInt32 = 0) {
    self.class = `class`
    self.instance = instance
  }

  /// As the kernel calls it, and which.
  public var text: String {
    switch self.class {
    case .enclave, .enclaveSRCU: "\(self.class.text) of enclave \(instance)"
    case .mmap: "\(self.class.text) of process \(instance)"
    case .misc, .svn, .reclaim: self.class.text
    }
  }
}

/// What a step that could not be made waits for.
@frozen public struct LockWait: Hashable, Sendable {
  @frozen public enum Mode: UInt8, Sendable {
    /// To hold it alone: a mutex, or a semaphore for writing.
    case exclusive
    /// To hold it beside others: a semaphore for reading.
    case shared
    /// Until all who are inside have left: `synchronize_srcu`.
    case grace
  }

  public let lock: LockName
  public let mode: Mode

  @inlinable public init(_ lock: LockName, _ mode: Mode = .exclusive) {
    self.lock = lock
    self.mode = mode
  }
}

/// A task that cannot go on, what it waits for, and who holds that.
public struct BlockedTask: Hashable, Sendable {
  public let task: TaskName
  public let wait: LockWait
  public let holders: [TaskName]

  public init(task: TaskName, wait: LockWait, holders: [TaskName]) {
    self.task = task
    self.wait = wait
    self.holders = holders
  }

  public var text: String {
    let verb = wait.mode == .grace ? "waits until all have left" : "waits for"
    let holders = holders.map(\.text).joined(separator: " and ")
    return "\(task.text) \(verb) \(wait.lock.text), which \(holders.isEmpty ? "nobody" : holders) holds"
  }
}
