import LinuxKernel
import SGXArchitecture

/// An enclave object of the driver (`struct sgx_encl`).
public struct Enclave: Sendable {
  public internal(set) var state = EnclaveState.empty
  /// The IOCTL bit: one ioctl at a time.
  public internal(set) var ioctlInFlight = false
  /// `encl->lock`: slots, version arrays, counters, the SECS's page, and every leaf that touches a page that is bound.
  public internal(set) var lock = Mutex()
  /// `encl->srcu`: walks of `mappedBy`.
  var srcu = SRCU()
  /// The last descriptor was closed during an ioctl, which holds the file: it is released when that ioctl ends.
  public internal(set) var isClosedInsideIoctl = false
  /// Attributes that INIT allows (attributes_mask): CREATE puts the unprivileged ones in, PROVISION adds PROVISIONKEY.
  public internal(set) var attributesMask: AttributeFlags = []
  /// What CREATE stored; nil before.
  public internal(set) var created: CreatedEnclave?
  public internal(set) var slots = SlotMap()
  public internal(set) var versionArrays = VersionArrayList()
  /// Version slots promised: SECS and pages, those in the middle of being added included (page_cnt).
  public internal(set) var pageCount: UInt64 = 0
  /// Children the driver believes to be resident (secs_child_cnt).
  public internal(set) var secsChildCount: UInt64 = 0
  /// The page that holds the SECS; nil before CREATE and while it is evicted.
  public internal(set) var secsPage: PhysPageNumber?
  /// What was kept of an evicted SECS.
  public internal(set) var evictedSECS: EvictedPage?
  /// The array whose slot a resident SECS had last.
  var formerSECSArray: UInt32?
  /// A child that could be neither written nor removed will stay in EPC for ever, so its SECS must.
  var hasLeakedChild = false
  /// Who holds it: its open file, each address space that has mapped it, the reclaimer for each page in work, and references that
  /// were lost.
  public internal(set) var references: UInt32 = 1
  /// Address spaces that have mapped it, the newest first (mm_list); one stays until it ends or the file does.
  public internal(set) var mappedBy: [ProcessID] = []
  /// For each of them, its number in the order of coming (mm_list_version when it came): where a walk goes on although the list has changed.
  var mappedBySerials: [UInt32] = []
  /// Address spaces that ever came (mm_list_version).
  var mappedByVersion: UInt32 = 0
  /// Set when a leaf's #PF has shown that its EPC is gone; only versions that remember it look.
  public internal(set) var isKnownLost = false

  /// The process outside that opened it, in which its resident pages live; nil where they are the model's.
  public internal(set) var livesIn: ProcessID?

  init() {}

  /// EADD has filled the reserved slot.
  mutating func fillReservation(with page: PhysPageNumber) {
    slots.fillReservation(with: page)
    secsChildCount += 1
  }
}

/// What CREATE knows and nothing changes later.
public struct CreatedEnclave: Hashable, Sendable {
  public let baseAddress: LinearAddress
  public let size: UInt64
  public let attributes: AttributeFlags
}
