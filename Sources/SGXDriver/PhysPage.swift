import SGXArchitecture
import Simulation

/// What the driver knows of one page of EPC, in 16 bytes: `struct sgx_epc_page` (arch/x86/kernel/cpu/sgx/sgx.h) takes 32.
public struct PhysPage: Hashable, Sendable {
  /// Links of the one list the page is on: the free list or the reclaim queue.
  var next: UInt32 = PhysPage.none
  var previous: UInt32 = PhysPage.none
  /// Role in bits 63:60, queued in bit 59, enclave in bits 58:44, page index in bits 43:0.
  private var word: UInt64 = 0

  static let none = UInt32.max
  /// Enclaves that can exist at once.
  public static let enclavesMax = 1 << 15

  /// A page nobody has had yet; it is free.
  public static let untouched = PhysPage()

  /// `addingSlot`: after EADD, while the adding call still holds `encl->lock`. `isolatedSlot`: the reclaimer has taken it off its
  /// queue. `evictingSlot`: and has marked it (SGX_ENCL_PAGE_BEING_RECLAIMED), so that nobody gets at it.
  package enum Role: UInt64, CaseIterable, Sendable { case free, secs, versionArray, slot, inFlight, leaked, addingSlot, isolatedSlot, evictingSlot }

  var role: Role { Role(rawValue: word >> 60)! }
  var enclave: EnclaveID { EnclaveID(UInt32(word >> 44 & 0x7fff)) }
  var pageIndex: UInt64 { word & 0xfff_ffff_ffff }

  /// The reclaimer has taken it off its queue.
  var isHeldByReclaimer: Bool { role == .isolatedSlot || role == .evictingSlot }

  var isQueued: Bool {
    get { word >> 59 & 1 == 1 }
    set { word = newValue ? word | 1 << 59 : word & ~(1 << 59) }
  }

  /// An event that leaves the page where it is.
  @inline(__always) mutating func change(_ event: (inout Role) -> Void) {
    var role = role
    event(&role)
    word = role.rawValue << 60 | word & (1 << 60 - 1)
  }

  /// An event that gives the page to somebody, or to nobody.
  @inline(__always) mutating func change(
    enclave: EnclaveID, pageIndex: UInt64, _ event: (inout Role) -> Void
  ) {
    var role = role
    event(&role)
    become(role, enclave: enclave, pageIndex: pageIndex)
  }

  mutating func become(_ role: Role, enclave: EnclaveID = EnclaveID(0), pageIndex: UInt64 = 0) {
    if pageIndex >> 44 != 0 { BenchLaw.broken(.physPageIndex) }
    word = role.rawValue << 60 | word & 1 << 59 | UInt64(enclave.rawValue) << 44 | pageIndex & 0xfff_ffff_ffff
  }
}

/// Index of an enclave object in the driver; reused after release.
@frozen public struct EnclaveID: Hashable, Comparable, Sendable {
  public let rawValue: UInt32
  public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
