/// A law that holds whenever no call is in the middle of its work.
public enum Invariant: String, CaseIterable, Sendable {
  case conservation
  case oneList = "one-list"
  case epcmSECS = "epcm-secs"
  case epcmChildCount = "epcm-child-count"
  case epcmZeroAddress = "epcm-zero-address"
  case epcmValidCount = "epcm-valid-count"
  case secsIdentity = "secs-identity"
  case flagsRise = "flags-rise"
  case freeCounter = "free-counter"
  case freeIsInvalid = "free-is-invalid"
  case slotPagePair = "slot-page-pair"
  case uniqueAddress = "unique-address"
  case childCount = "child-count"
  case pageCount = "page-count"
  case reclaimQueue = "reclaim-queue"
  case leakWarned = "leak-warned"
  case releaseComplete = "release-complete"
  case quiet
  case versionSlots = "version-slots"
  case mappedIsResident = "mapped-is-resident"
  case entryRights = "entry-rights"
  case secsOut = "secs-out"
  case mmList = "mm-list"
  case initializedPair = "initialized-pair"
  case ioctlBit = "ioctl-bit"
  case references
  case addCount = "add-count"
  case refusedUnchanged = "refused-unchanged"
  case locksReleased = "locks-released"
  case lockOrder = "lock-order"

  /// Whose bug a breach is.
  public enum Kind: String, Sendable {
    /// Ours: the run ends with status 3.
    case bench
    /// The driver version's: a finding; the test fails unless it expects it.
    case driver
  }

  public var kind: Kind {
    switch self {
    case .conservation, .oneList, .epcmSECS, .epcmChildCount, .epcmZeroAddress, .epcmValidCount, .secsIdentity, .flagsRise: .bench
    default: .driver
    }
  }

  /// The law in one sentence.
  public var sentence: String {
    switch self {
    case .conservation: "Free, used and leaked pages together are all pages of EPC, and a used page belongs to a live enclave."
    case .oneList: "A page is on at most one list, and links agree with membership."
    case .epcmSECS: "A valid child entry names a valid SECS and an address inside its range."
    case .epcmChildCount: "The processor's child count of a SECS is the number of valid entries that name it."
    case .epcmZeroAddress: "SECS and version array entries have no enclave address."
    case .epcmValidCount: "The number of valid entries is what was counted as they came and went."
    case .secsIdentity: "A SECS with INIT set holds the MRENCLAVE of what was measured; one without holds none."
    case .flagsRise: "An enclave goes from empty to created to initialised, never back."
    case .freeCounter: "The driver's counter of free pages is the length of its free list."
    case .freeIsInvalid: "A page on the free list is not valid in the EPCM."
    case .slotPagePair: "A resident slot names a page that names the slot, and no other slot does."
    case .uniqueAddress: "No two valid pages of an enclave have the same address."
    case .childCount: "secs_child_cnt is the number of slots with a page of EPC."
    case .pageCount: "page_cnt is one for the SECS and one for each slot, and there is a version array for each 512 begun; without version arrays both stay 0."
    case .reclaimQueue: "The reclaim queue holds every resident slot's page and nothing else; in a version that does not reclaim it is empty."
    case .leakWarned: "A page is leaked only where a warning says so."
    case .releaseComplete: "A released enclave leaves no child and no SECS page behind."
    case .quiet: "Unless a leaf was made to lie, the kernel log holds no warning."
    case .versionSlots: "A version slot in use belongs to one evicted page or SECS, and each of those that can be loaded back has one."
    case .mappedIsResident: "A page-table entry leads to a slot with a page of EPC."
    case .entryRights: "A page-table entry stands in a mapping that allows no more than its slot."
    case .secsOut: "While the SECS of an enclave is evicted, the enclave is initialised and no page of it is in EPC."
    case .mmList: "An address space is on an enclave's list once."
    case .initializedPair: "The driver takes an enclave for initialised exactly where its SECS has INIT set; a SECS that is lost says neither."
    case .ioctlBit: "Outside an ioctl no enclave is busy."
    case .references: "Each open file leads to a live enclave, and each live enclave is held by its open file and the address spaces on its list, by nothing else."
    case .addCount: "After ADD_PAGES the first `count` bytes are present, and the page behind them only if it was there before."
    case .refusedUnchanged: "A call that failed without progress changed no logical state."
    case .locksReleased: "When a call returns it holds no lock, and at rest no lock is held."
    case .lockOrder: "Locks are taken in one order by class, none is held where it must not be, and only a holder gives one back."
    }
  }
}

/// A law that did not hold.
public struct Breach: Hashable, Sendable {
  public let invariant: Invariant
  /// What was found, in numbers.
  public let detail: String
}
