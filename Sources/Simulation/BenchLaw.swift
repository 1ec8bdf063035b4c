import CBrokenLaw

/// A law that the model keeps by its own construction, and looks at where it relies on it. A breach is a bug of this bench.
///
/// Code that sees one says so (`broken`) and takes the safest way out: it leaves the state as it is, or answers that there is nothing. The
/// machine stops behind that step with the finding `bench`. Laws that are looked at from outside are `Invariant`; where an id is in both,
/// it is one law, seen from two sides.
public enum BenchLaw: UInt8, CaseIterable, Sendable {
  // The processor.
  case epcmValidOnce = 1
  case epcmAddress
  case trackingPairs
  // The driver's pages and slots.
  case oneList
  case pageBoundOnce
  case reclaimQueue
  case slotFilledOnce
  case slotResident
  case slotEvicted
  case slotExists
  case slotOnce
  case slotPagePair
  case oneReservation
  case versionSlots
  case versionArrays
  case physPageIndex
  // The driver's enclaves and its users.
  case flagsRise
  case ioctlBit
  case secsResident
  case launchControl
  case eaugInRange
  case references
  case exitCloses
  case descriptorOpen
  case heldLocks
  case useCounted
  // The bench around them.
  case visitsCounted
  case callAnswers
  case stepsBounded

  /// How reports, the state machines and `Docs/Invariants.md` name it.
  public var id: String {
    switch self {
    case .epcmValidOnce: "epcm-valid-once"
    case .epcmAddress: "epcm-address"
    case .trackingPairs: "tracking-pairs"
    case .oneList: "one-list"
    case .pageBoundOnce: "page-bound-once"
    case .reclaimQueue: "reclaim-queue"
    case .slotFilledOnce: "slot-filled-once"
    case .slotResident: "slot-resident"
    case .slotEvicted: "slot-evicted"
    case .slotExists: "slot-exists"
    case .slotOnce: "slot-once"
    case .slotPagePair: "slot-page-pair"
    case .oneReservation: "one-reservation"
    case .versionSlots: "version-slots"
    case .versionArrays: "version-arrays"
    case .physPageIndex: "phys-page-index"
    case .flagsRise: "flags-rise"
    case .ioctlBit: "ioctl-bit"
    case .secsResident: "secs-resident"
    case .launchControl: "launch-control"
    case .eaugInRange: "eaug-in-range"
    case .references: "references"
    case .exitCloses: "exit-closes"
    case .descriptorOpen: "descriptor-open"
    case .heldLocks: "held-locks"
    case .useCounted: "use-counted"
    case .visitsCounted: "visits-counted"
    case .callAnswers: "call-answers"
    case .stepsBounded: "steps-bounded"
    }
  }

  /// The law in one sentence.
  public var sentence: String {
    switch self {
    case .epcmValidOnce: "A leaf makes an entry valid that is not, and clears one that is."
    case .epcmAddress: "The enclave address of an EPCM entry is that of a page."
    case .trackingPairs: "A thread leaves an enclave once, and only where it has entered."
    case .oneList: "Only a free page is handed out; a page is on one list, and is freed or leaked once, off every list."
    case .pageBoundOnce: "A page is bound to its user once, when it has just been handed out."
    case .reclaimQueue: "Only the page of a slot may be reclaimed; it is isolated before it is marked, and is neither twice."
    case .slotFilledOnce: "A slot gets its first page once."
    case .slotResident: "Only a resident page is evicted."
    case .slotEvicted: "Only an evicted page is loaded back."
    case .slotExists: "Only a slot that exists is evicted or removed."
    case .slotOnce: "A slot is evicted once."
    case .slotPagePair: "The page of a resident slot is a slot's."
    case .oneReservation: "One page of an enclave is added at a time, and only its slot is filled or given back."
    case .versionSlots: "A version slot is taken where one is free, and given back once."
    case .versionArrays: "A version array is undone only as the newest, before one of its slots is used."
    case .physPageIndex: "An enclave has fewer than 2^44 pages."
    case .flagsRise: "An enclave is created once, then initialised or destroyed once."
    case .ioctlBit: "Only a call that has taken the IOCTL bit gives it back."
    case .secsResident: "Before INIT no SECS leaves the EPC."
    case .launchControl: "The driver is loaded only where the registers of launch control can be written."
    case .eaugInRange: "EAUG refuses an address outside the enclave."
    case .references: "The file of an enclave is closed once."
    case .descriptorOpen: "Only an open descriptor is closed."
    case .heldLocks: "A task holds at most four locks that others can wait for."
    case .exitCloses: "A process that ends has closed its files."
    case .useCounted: "Who leaves the use of SGX has entered it."
    case .visitsCounted: "Sites are visited in bulk only where nothing is planned, and nothing strikes there."
    case .stepsBounded: "A call ends after no more steps than its pages explain."
    case .callAnswers: "Who has been asked answers, and in kind: a call that has ended, and the prelude."
    }
  }
}

extension BenchLaw {
  /// Says that the law does not hold. Never inlined: where laws hold, and that is always, no path pays for it.
  @inline(never) package static func broken(_ law: BenchLaw) { sgxbench_note_broken_law(law.rawValue) }

  /// True where a law was broken on this thread and nobody has taken note of it.
  @inline(__always) package static var hasBroken: Bool { sgxbench_look_at_broken_law() != 0 }

  /// The first law that was broken on this thread since this was asked last.
  package static func takeBroken() -> BenchLaw? {
    let law = BenchLaw(rawValue: sgxbench_look_at_broken_law())
    sgxbench_forget_broken_law()
    return law
  }
}
