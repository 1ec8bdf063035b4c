import SGXArchitecture

/// Clock, chance, injections and trace: everything that can differ between two runs passes through here.
public struct Environment: Sendable {
  public let seed: UInt64
  public var plan = InjectionPlan()
  public var trace: Trace
  public var faults: RandomStream
  @usableFromInline var visitCount: UInt64 = 0
  /// In place, not in an array: a dozen visits a page would each ask whether the array is shared.
  @usableFromInline var visitsOfSite = InlineArray<128, UInt64>(repeating: 0)
  @usableFromInline var logsVisits = false
  private var visitLog: [(visit: UInt64, site: Site)] = []
  /// False where nothing is consulted, for the bench's own comparison of a run with and without the seam.
  @usableFromInline let consultsPlan: Bool

  public init(seed: UInt64, keepsWholeTrace: Bool = false, eventsMax: Int = .max, consultsPlan: Bool = true) {
    self.seed = seed
    self.consultsPlan = consultsPlan
    trace = Trace(keepsAll: keepsWholeTrace, eventsMax: eventsMax)
    faults = RandomStream(seed: seed, purpose: .faults)
  }

  /// Visits of any site so far; also the clock.
  public var visits: UInt64 { visitCount }

  /// Simulated time.
  public var now: Tick { Tick(visits) }

  /// How often `site` has been visited in this run.
  public func visits(of site: Site) -> UInt64 { visitsOfSite[site.place] }

  /// How often any of them has been visited.
  public func visits(of sites: SiteSet) -> UInt64 { Site.all.reduce(0) { sites.contains($1) ? $0 + visits(of: $1) : $0 } }

  /// Counts the visit and says what strikes, if anything does.
  @inlinable public mutating func visit(_ site: Site) -> Injection? {
    guard consultsPlan else { return nil }
    visitCount &+= 1
    visitsOfSite[site.place] &+= 1
    guard plan.armedSites.contains(site) || logsVisits else { return nil }
    return strike(site)
  }

  /// True where visits of this site can be counted without being made one by one: nothing is planned there, nothing noted.
  public func isQuiet(_ site: Site) -> Bool { !plan.armedSites.contains(site) && !logsVisits }

  /// Counts `n` visits of a quiet site at once.
  public mutating func countVisits(_ n: UInt64, of site: Site) {
    if !isQuiet(site) { BenchLaw.broken(.visitsCounted) }
    guard consultsPlan else { return }
    visitCount &+= n
    visitsOfSite[site.place] &+= n
  }

  /// Begins to note which sites are visited; a sweep asks so that it knows where it can strike.
  public mutating func logVisits() {
    logsVisits = true
    visitLog = []
  }

  /// Ends the noting and returns the visits in order, each with its number.
  public mutating func takeVisitLog() -> [(visit: UInt64, site: Site)] {
    defer { visitLog = [] }
    logsVisits = false
    return visitLog
  }

  @inline(never) @usableFromInline
  mutating func strike(_ site: Site) -> Injection? {
    if logsVisits { visitLog.append((visits, site)) }
    guard let injection = plan.strike(site, visit: visits) else { return nil }
    trace.record(.injected(injection, site))
    return injection
  }
}
