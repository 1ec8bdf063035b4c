import SGXArchitecture
import Simulation

/// An SGX processor: EPC, EPCM and the leaves of ENCLS, ENCLU and ENCLV. It knows no kernel and no user space.
///
/// - EPC.swift: the pages; EPCMEntry.swift: what the processor knows of each
/// - SECSRecord.swift: the hidden state of an enclave; EpochTracking.swift: who is inside; RecordJournal.swift: what was measured
/// - Processor+LaunchControl.swift: whose enclaves may be initialised; SuppliedVerdict.swift: EINIT in a replay
/// - Leaves/: one file a leaf, by instruction; LeafOutcome.swift: how they end
/// - LogicalProcessor.swift: a thread's side of it; ThreadLeaf.swift: how it executes ENCLU; AddressTranslation.swift: what its page
///   tables say; Processor+EnclaveMemory.swift: its loads and stores; Processor+AsynchronousExit.swift: exceptions and interrupts
/// - PagingKey.swift, VersionSlots.swift, SealedPage.swift: what eviction needs; Processor+WriteBack.swift: EWB with its output
/// - Processor+Threads.swift: who enters and leaves, as tracking sees it; SaveArea.swift: where a thread is saved
/// - Processor+PowerCycle.swift: how everything is lost
public struct Processor: Sendable {
  public let profile: ProcessorProfile
  public internal(set) var epc: EPC
  public internal(set) var epcm = SparseTable<EPCMEntry>(empty: .invalid)
  /// Records of SECS pages; an EPCM entry refers to one by index. Nil places are free for the next ECREATE.
  public internal(set) var secsRecords: [SECSRecord?] = []
  /// EID that the next ECREATE hands out.
  public internal(set) var nextEnclaveID: UInt64 = 1
  /// Valid EPCM entries.
  public internal(set) var validPageCount: UInt64 = 0
  /// Version of the microcode that is loaded, and the one that keys are derived from (CPUSVN): EUPDATESVN makes the second the first.
  public internal(set) var microcodeVersion: UInt32 = 1
  public internal(set) var securityVersion: UInt32 = 1
  /// Power cycles so far.
  public internal(set) var powerCycles: UInt64 = 0
  /// Epoch in which a page was last blocked, restricted or retyped; written for such pages only, so that an entry stays small.
  public internal(set) var blockEpochs = SparseTable<UInt32>(empty: 0)
  var versions = VersionSlots()
  var pagingKey: PagingKey
  /// IA32_SGXLEPUBKEYHASH0 to 3, in the order of an MRSIGNER's bytes.
  public internal(set) var launchKeyHash = Processor.intelLaunchKeyHash
  /// Fuses and registers that keys are derived from.
  public var keyMaterial = KeyMaterial.model
  /// CR_REPORT_KEYID, 32 bytes: new with every boot.
  public internal(set) var reportKeyID: [UInt8]
  var reportChance: RandomStream
  /// Keeps of every enclave created from now on the records of its measurement (`SECSRecord.records`).
  public var keepsRecords = false
  /// What EINIT answers instead of looking at measurement, signature, masks and token; nil except in a replay (`SuppliedVerdict`).
  public var suppliedVerdict: SuppliedVerdict?

  /// - Parameters:
  ///   - pageCount: pages of EPC, at least 1.
  ///   - seed: what the paging keys are drawn from.
  public init(profile: ProcessorProfile, pageCount: UInt32, seed: UInt64 = 0) {
    precondition(pageCount > 0, "epc-exists: an SGX processor has EPC")
    self.profile = profile
    epc = EPC(pageCount: pageCount)
    pagingKey = PagingKey(seed: seed)
    reportChance = RandomStream(seed: seed, purpose: .reports)
    reportKeyID = Self.reportKeyID(from: &reportChance)
  }

  /// Runs a leaf: the one door through which the kernel reaches the processor, as ENCLS is the real one's.
  @inlinable
  public mutating func execute<L: Leaf>(_ leaf: L, in environment: inout Environment) -> LeafOutcome {
    if let injection = environment.visit(.leaf(L.name)),
      let struck = strike(injection, subject: leaf.subject(in: epc), in: &environment)
    {
      trace(L.name, leaf.subject(in: epc), struck, in: &environment)
      return struck
    }
    let outcome = L.exists(on: profile) ? leaf.perform(on: &self) : .fault(.generalProtection, row: CommonRow.noSuchLeaf)
    trace(L.name, leaf.subject(in: epc), outcome, in: &environment)
    return outcome
  }

  /// Applies what was injected; nil when the leaf is to run after all.
  @inline(never) @usableFromInline
  mutating func strike(_ injection: Injection, subject: PhysPageNumber?, in environment: inout Environment) -> LeafOutcome? {
    switch injection {
    case .powerCycle(let kind):
      powerCycle(kind, in: &environment)
      return nil
    case .leafError(let code):
      return .code(code, row: 0)
    case .leafFault(.invalidOpcode):
      return .fault(.invalidOpcode, row: 0)
    case .leafFault(.generalProtection):
      return .fault(.generalProtection, row: 0)
    case .leafFault(.pageFault):
      return .fault(.pageFault(address: subject.map(EPC.address(of:)) ?? EPCAddress(0), write: true), row: 0)
    case .noMemory, .badAddress, .signal, .unmap, .runAnotherTask:
      return nil
    }
  }

  @usableFromInline
  mutating func trace(
    _ name: LeafName, _ page: PhysPageNumber?, _ outcome: LeafOutcome, in environment: inout Environment
  ) {
    let page = page ?? PhysPageNumber(.max)
    if name == .EEXTEND, case .done = outcome {
      environment.trace.recordExtend(of: page)
    } else {
      environment.trace.record(.leaf(name, page, outcome.encoded))
    }
  }

  /// The record of the enclave that owns a valid child page, or of a valid SECS page.
  public func secsRecord(of entry: EPCMEntry) -> SECSRecord {
    guard let record = secsRecords[Int(entry.secsIndex)] else {
      preconditionFailure("epcm-secs: a valid entry names a live SECS")
    }
    return record
  }

  /// CR_CPUSVN: the package's own, its first component raised by every EUPDATESVN.
  public var cpuSVN: [UInt8] {
    var svn = keyMaterial.cpuSVN
    svn[0] &+= UInt8(truncatingIfNeeded: securityVersion - 1)
    return svn
  }

  static func reportKeyID(from chance: inout RandomStream) -> [UInt8] {
    (0..<4).flatMap { _ in
      let word = chance.next()
      return (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) }
    }
  }

  /// Loads newer microcode, as the kernel may at any time; what is measured and sealed goes by the old version until EUPDATESVN.
  public mutating func updateMicrocode() { microcodeVersion += 1 }
}
