import SGXArchitecture
import Simulation

/// Index of a process in the kernel.
public struct ProcessID: Hashable, Sendable {
  public let rawValue: Int
  public init(_ rawValue: Int) { self.rawValue = rawValue }
  /// No process: what the kernel does by itself. It has no memory, no descriptors and no signals.
  public static let kernel = ProcessID(Int(UInt32.max))
}

/// A process: its memory, its signals, its open files.
///
/// - Memory/, Files/, Signals/: what each of them is
/// - Seam/: how a driver reaches them, in a process of the model and in one outside
public struct Process: Sendable {
  public var memory = AddressSpace()
  /// `mm->mmap_lock`: mappings and page tables are read under it, and changed by who writes.
  package var mmapLock = RWSemaphore()
  public var signals = PendingSignals()
  /// The NUMA node it runs on.
  public let node: Int
  public package(set) var descriptors = DescriptorTable()
  public var credentials = Credentials()
  public var limits = ResourceLimits()
  /// False once a signal has ended it.
  public internal(set) var isAlive = true
  /// Where it lives. Outside, what stands above is empty but for what the bench itself keeps for it.
  package let seat: ProcessSeat

  public init(node: Int = 0) { self.init(node: node, seat: .model) }

  package init(node: Int = 0, seat: ProcessSeat) {
    self.node = node
    self.seat = seat
  }

  /// The process is gone, and with it its memory and what was pending. Its descriptors are closed already.
  /// Returns the files whose mappings went.
  package mutating func end() -> [Int] {
    if !descriptors.isEmpty { BenchLaw.broken(.exitCloses) }
    memory.unmapAll()
    let files = memory.takeUnmappedFiles()
    let (credentials, limits, mmapLock) = (credentials, limits, mmapLock)
    self = Process(node: node, seat: seat)
    (self.credentials, self.limits, isAlive) = (credentials, limits, false)
    // Who walks an enclave's list may hold it still, or wait for it: an address space outlives its process as long as that.
    self.mmapLock = mmapLock
    return files
  }
}
