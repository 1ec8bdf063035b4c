import SGXArchitecture

/// An enclave object of the driver (`struct sgx_encl`).
public struct Enclave: Sendable {
  public internal(set) var state = EnclaveState.empty
  /// The IOCTL bit: one ioctl at a time.
  public internal(set) var ioctlInFlight = false
  /// The last descriptor was closed during an ioctl, which holds the file: it is released when that ioctl ends.
  public internal(set) var isClosedInsideIoctl = false
  /// Attributes that INIT allows (attributes_mask): CREATE puts the unprivileged ones in, PROVISION adds PROVISIONKEY.
  public internal(set) var attributesMask: AttributeFlags = []
  /// What CREATE stored; nil before.
  public internal(set) var created: CreatedEnclave?
  public internal(set) var slots = SlotMap()
  public internal(set) var versionArrays: [VersionArray] = []
  /// Version slots promised: SECS and pages, those in the middle of being added included (page_cnt).
  public internal(set) var pageCount: UInt64 = 0
  /// Children the driver believes to be resident (secs_child_cnt).
  public internal(set) var secsChildCount: UInt64 = 0
  /// The page that holds the SECS.
  public internal(set) var secsPage: PhysPageNumber?
  /// Open files that hold it.
  public internal(set) var references: UInt32 = 1
  /// Set when a leaf's #PF has shown that its EPC is gone; only versions that remember it look.
  public internal(set) var isKnownLost = false

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
