import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// The kernel's side: the SGX driver of one version, with the processes that call it.
///
/// - PhysPagePool.swift, PageList.swift: pages of EPC, free and reclaimable
/// - Enclave.swift, SlotMap.swift, VersionArray.swift: what exists for user space
/// - Memory/: mappings of enclaves, page-table entries, user accesses; Reclaim/: how pages go and come back
/// - Ioctls/: one file a call; Driver+Allocation.swift, Driver+Ioctl.swift: what several calls share
/// - Devices.swift: what its files stand for; WarningSite.swift: where it warns
/// - Linux around it, with processes, files and log, is a module of its own: LinuxKernel/Kernel.swift
public struct Driver: Sendable {
  public let version: DriverVersion
  /// True where the background reclaimer runs by itself after a call that woke it.
  public let runsBackgroundReclaimer: Bool
  public internal(set) var pool: PhysPagePool
  public internal(set) var enclaves: [Enclave?] = []
  public var kernel: Kernel
  /// Files whose last reference has gone; each is released on the way back to user space (fs/file_table.c, fput).
  var abandonedFiles: [Int] = []
  /// Pages that the reclaimer has taken from their slots since boot, those that could not be written out included.
  public internal(set) var evictions: UInt64 = 0
  /// Times every processor that may run an enclave was interrupted so that its threads leave.
  public internal(set) var interruptRounds: UInt64 = 0
  /// What the registers of launch control were last told; only versions with such a cache look.
  var cachedLaunchKeyHash: Digest?
  /// The allocator has woken ksgxd since the last call ended.
  public internal(set) var hasWokenReclaimer = false

  /// Open enclaves, those that a mapping keeps included, while the version counts them (sgx_usage_count).
  public internal(set) var userCount: UInt64 = 0

  /// - Parameters:
  ///   - version: where its behaviours cannot go together (`DriverVersion.conflict`), nothing reclaims.
  ///   - sections: EPC as the processor enumerates it, at least one. More than the version uses are left alone.
  public init(version: DriverVersion, sections: [EPCSection], runsBackgroundReclaimer: Bool = true) {
    var version = version
    if version.conflict != nil { version.reclaims = false }
    self.version = version
    self.runsBackgroundReclaimer = runsBackgroundReclaimer
    pool = PhysPagePool(sections: Array(sections.prefix(version.sectionsMax)), byNode: version.allocatesByNode)
    kernel = Kernel(lockRules: Driver.lockRules, log: KernelLog(namesOnlyTheLeaf: version.leakWarningNamesOnlyTheLeaf))
    kernel.devices = .usual
  }

  /// The enclave behind a descriptor; nil where it is not open.
  public func enclaveID(of descriptor: FileDescriptor, in process: ProcessID) -> EnclaveID? {
    openFile(descriptor, of: process)?.enclave
  }

  /// A live enclave.
  public subscript(id: EnclaveID) -> Enclave {
    _read {
      precondition(enclaves[Int(id.rawValue)] != nil, "enclave-lives: an open file leads to a live enclave")
      yield enclaves[Int(id.rawValue)]!
    }
    _modify {
      precondition(enclaves[Int(id.rawValue)] != nil, "enclave-lives: an open file leads to a live enclave")
      yield &enclaves[Int(id.rawValue)]!
    }
  }

  /// Asks whether a signal is pending, as the kernel's loops do.
  mutating func pollsSignal(_ process: ProcessID, _ environment: inout Environment) -> Bool {
    if case .signal(let signal)? = environment.visit(.signalPoll) {
      processes[process.rawValue].send(signal)
      environment.trace.record(.signalPending(signal))
    }
    return processes[process.rawValue].hasPendingSignal
  }

  /// Notes what a leaf's fault says about the enclave's EPC.
  mutating func note(_ outcome: LeafOutcome, of enclave: EnclaveID) {
    if version.remembersLostEnclaves, case .fault(.pageFault, _) = outcome { self[enclave].isKnownLost = true }
  }
}
