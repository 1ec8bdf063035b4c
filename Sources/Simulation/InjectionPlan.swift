/// When a planned injection strikes.
public struct InjectionTrigger: Hashable, Sendable {
  public enum Count: Hashable, Sendable {
    /// The n-th matching visit since the injection was made, counted from 1.
    case nth(UInt64)
    /// Every n-th matching visit since the injection was made.
    case every(UInt64)
    /// The run's n-th visit of any site, counted from 1; with more than one time, from that visit on.
    case visit(UInt64)
  }
  public var sites: SiteSet
  public var count: Count
  /// How many matching visits are struck from the first one on; nil: all of them.
  public var times: UInt64?

  public init(sites: SiteSet, count: Count, times: UInt64? = 1) {
    self.sites = sites
    self.count = count
    self.times = times
  }
}

/// One line of the plan, and how far it has come.
public struct PlannedInjection: Hashable, Sendable {
  public let injection: Injection
  public let trigger: InjectionTrigger
  /// Matching visits seen since it was made.
  public fileprivate(set) var seen: UInt64 = 0
  /// How often it has struck.
  public fileprivate(set) var struck: UInt64 = 0
  public fileprivate(set) var isCancelled = false

  fileprivate var isSpent: Bool {
    if isCancelled { return true }
    if let times = trigger.times { return struck >= times }
    return false
  }

  fileprivate mutating func strikes(visit: UInt64) -> Bool {
    seen += 1
    let due: Bool =
      switch trigger.count {
      case .nth(let n): seen >= n
      case .every(let n): seen % n == 0
      case .visit(let n): trigger.times == 1 ? visit == n : visit >= n
      }
    guard due else { return false }
    struck += 1
    return true
  }
}

/// Everything that is going to be done to the run.
public struct InjectionPlan: Hashable, Sendable {
  public private(set) var planned: [PlannedInjection] = []
  /// Sites at which some line may still strike: all that the page path looks at.
  public private(set) var armedSites = SiteMask.none

  public init() {}

  /// Adds a line and returns its index, by which it can be asked and cancelled.
  @discardableResult
  public mutating func add(_ injection: Injection, at trigger: InjectionTrigger) -> Int {
    switch trigger.count {
    case .nth(let n), .every(let n), .visit(let n): precondition(n > 0, "visit-number: visits are counted from 1")
    }
    planned.append(PlannedInjection(injection: injection, trigger: trigger))
    rearm()
    return planned.count - 1
  }

  public mutating func cancel(_ index: Int) {
    planned[index].isCancelled = true
    rearm()
  }

  public mutating func cancelAll() {
    for index in planned.indices { planned[index].isCancelled = true }
    rearm()
  }

  /// True once a leaf was made to answer what the processor would not have answered.
  public var hasForgedLeafAnswers: Bool {
    planned.contains { line in
      switch line.injection {
      case .leafError, .leafFault: line.struck > 0
      case .powerCycle, .noMemory, .badAddress, .signal, .unmap, .runAnotherTask: false
      }
    }
  }

  /// The injection that strikes at this visit; the oldest line wins, and every matching line counts the visit.
  mutating func strike(_ site: Site, visit: UInt64) -> Injection? {
    var found: Injection?
    for index in planned.indices where !planned[index].isSpent && planned[index].trigger.sites.contains(site) {
      if found == nil, planned[index].strikes(visit: visit) {
        found = planned[index].injection
      } else if found != nil {
        planned[index].seen += 1
      }
    }
    if found != nil { rearm() }
    return found
  }

  private mutating func rearm() {
    armedSites = planned.reduce(.none) { $1.isSpent ? $0 : $0.union($1.trigger.sites.mask) }
  }
}
