import SGXArchitecture
import SGXDriver
import SGXProcessor

/// Who had which page of EPC at one moment, as ranges of like pages.
public struct PageMap: Codable, Sendable, Equatable {
  /// Events before the moment.
  public var event: UInt64
  /// What happened then, as `a.lua:4`; nil: the test ended.
  public var place: String?
  public var free: UInt64
  public var leaked: UInt64
  /// Ranges in ascending order; pages of no range are free.
  public var runs: [Run]
  /// Ranges behind the last one of `runs`.
  public var runsLeftOut: UInt64
  /// Pages from this one on were not looked at.
  public var pagesLooked: UInt32

  public struct Run: Codable, Sendable, Equatable {
    public var first: UInt32
    public var count: UInt32
    public var owner: Owner
    /// Number of the enclave; nil where the page is nobody's.
    public var enclave: UInt32?
    /// The processor holds nothing valid in these pages: the EPC was lost since they were filled, or nothing was put there yet.
    public var isInvalid: Bool
  }

  public enum Owner: String, Codable, Sendable, CaseIterable {
    case secs, va, reg, tcs
    /// Of an enclave, as another type of page.
    case other
    /// Taken from the pool by a call that is in the middle of its work.
    case inFlight = "in-flight"
    case leaked
  }

  public static let runsMax = 2048
  public static let pagesMax: UInt32 = 1 << 18
}

extension PageMap {
  init(of machine: Machine, place: String?) {
    let pool = machine.driver.pool
    event = machine.environment.trace.count
    self.place = place
    free = pool.freeCount
    leaked = pool.leakedCount
    runs = []
    runsLeftOut = 0
    pagesLooked = 0
    for range in pool.touchedRanges {
      for number in range {
        guard pagesLooked < Self.pagesMax else { return }
        pagesLooked += 1
        guard let run = Self.run(of: number, in: machine) else { continue }
        add(run)
      }
    }
    if UInt64(pagesLooked) == UInt64(pool.touchedCount) { pagesLooked = pool.total }
  }

  private mutating func add(_ run: Run) {
    if let last = runs.last, runsLeftOut == 0, last.first + last.count == run.first, last.owner == run.owner, last.enclave == run.enclave,
      last.isInvalid == run.isInvalid
    {
      runs[runs.count - 1].count += 1
    } else if runs.count < Self.runsMax {
      runs.append(run)
    } else {
      runsLeftOut += 1
    }
  }

  /// One page; nil where it is free.
  private static func run(of number: UInt32, in machine: Machine) -> Run? {
    let page = PhysPageNumber(number)
    let isInvalid = !machine.processor.epcm[number].isValid
    func run(_ owner: Owner, _ enclave: EnclaveID?) -> Run {
      Run(first: number, count: 1, owner: owner, enclave: enclave?.rawValue, isInvalid: isInvalid)
    }
    switch machine.driver.pool[page].state {
    case .free: return nil
    case .inFlight: return run(.inFlight, nil)
    case .leaked: return run(.leaked, nil)
    case .inUse(.secs(let enclave)): return run(.secs, enclave)
    case .inUse(.versionArray(let enclave)): return run(.va, enclave)
    case .inUse(.slot(let enclave, let offset)): return run(owner(of: offset, in: enclave, machine), enclave)
    }
  }

  private static func owner(of offset: EnclaveOffset, in id: EnclaveID, _ machine: Machine) -> Owner {
    guard Int(id.rawValue) < machine.driver.enclaves.count, let enclave = machine.driver.enclaves[Int(id.rawValue)] else { return .other }
    switch enclave.slots[offset.pageIndex]?.type {
    case .reg?: return .reg
    case .tcs?: return .tcs
    case .secs?, .va?, .trim?, .ssFirst?, .ssRest?, nil: return .other
    }
  }
}
