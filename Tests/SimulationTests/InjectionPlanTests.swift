import SGXArchitecture
import Simulation
import Testing

/// What each trigger means, told as the numbers of the visits that are struck.
@Suite struct InjectionPlanTests {
  static let leaf = SiteSet(.leaf(.EADD))

  /// Visits EADD twenty times and says which of the visits were struck.
  private func struck(_ count: InjectionTrigger.Count, times: UInt64? = 1, visitsBefore: Int = 0) -> [Int] {
    var environment = Environment(seed: 1)
    for _ in 0..<visitsBefore { _ = environment.visit(.leaf(.EADD)) }
    environment.plan.add(.leafFault(.generalProtection), at: InjectionTrigger(sites: Self.leaf, count: count, times: times))
    return (1...20).filter { _ in environment.visit(.leaf(.EADD)) != nil }
  }

  @Test func nthStrikesOnce() {
    #expect(struck(.nth(1)) == [1])
    #expect(struck(.nth(7)) == [7])
    #expect(struck(.nth(21)) == [])
  }

  @Test func nthCountsFromTheMomentTheInjectionWasMade() {
    #expect(struck(.nth(7), visitsBefore: 5) == [7])
  }

  @Test func nthWithTimesStrikesARow() {
    #expect(struck(.nth(7), times: 3) == [7, 8, 9])
    #expect(struck(.nth(18), times: nil) == [18, 19, 20])
    #expect(struck(.nth(1), times: 0) == [])
  }

  @Test func everyStrikesTheMultiples() {
    #expect(struck(.every(6), times: nil) == [6, 12, 18])
    #expect(struck(.every(6), times: 2) == [6, 12])
    #expect(struck(.every(1), times: nil) == Array(1...20))
    #expect(struck(.every(6), times: nil, visitsBefore: 4) == [6, 12, 18])
  }

  @Test func visitIsANumberOfTheRun() {
    #expect(struck(.visit(9)) == [9])
    #expect(struck(.visit(9), visitsBefore: 5) == [4])
    #expect(struck(.visit(9), times: 2) == [9, 10])
    #expect(struck(.visit(3), visitsBefore: 5) == [], "that visit is over")
    #expect(struck(.visit(3), times: 2, visitsBefore: 5) == [1, 2])
  }

  @Test func visitCountsEverySiteOfTheRun() {
    var environment = Environment(seed: 1)
    environment.plan.add(
      .powerCycle(.s3), at: InjectionTrigger(sites: SiteSet(name: "any")!, count: .visit(3)))
    #expect(environment.visit(.signalPoll) == nil)
    #expect(environment.visit(.leaf(.EADD)) == nil)
    #expect(environment.visit(.preemption) == .powerCycle(.s3))
    #expect(environment.visit(.leaf(.EADD)) == nil)
  }

  @Test func aVisitOfAnotherSiteIsNotMadeUpFor() {
    var environment = Environment(seed: 1)
    environment.plan.add(.powerCycle(.s3), at: InjectionTrigger(sites: Self.leaf, count: .visit(1)))
    #expect(environment.visit(.signalPoll) == nil)
    #expect((0..<5).allSatisfy { _ in environment.visit(.leaf(.EADD)) == nil })
  }

  @Test func onlyALeafMadeToAnswerIsForged() {
    var environment = Environment(seed: 1)
    environment.plan.add(.powerCycle(.s3), at: InjectionTrigger(sites: Self.leaf, count: .nth(1)))
    environment.plan.add(.leafError(.SGX_PG_INVLD), at: InjectionTrigger(sites: Self.leaf, count: .nth(3)))
    for visit in 1...4 {
      _ = environment.visit(.leaf(.EADD))
      #expect(environment.plan.hasForgedLeafAnswers == (visit >= 3))
    }
  }

  @Test func otherSitesNeitherCountNorAreStruck() {
    var environment = Environment(seed: 1)
    let line = environment.plan.add(.leafError(.SGX_PG_INVLD), at: InjectionTrigger(sites: Self.leaf, count: .nth(2)))
    for site in Site.all where site != .leaf(.EADD) { #expect(environment.visit(site) == nil, "\(site.name)") }
    #expect(environment.plan.planned[line].seen == 0)
    #expect(environment.visit(.leaf(.EADD)) == nil)
    #expect(environment.visit(.leaf(.EADD)) == .leafError(.SGX_PG_INVLD))
  }

  @Test func aSpentPlanDisarmsItsSites() {
    var environment = Environment(seed: 1)
    #expect(environment.plan.armedSites.isEmpty)
    environment.plan.add(.noMemory, at: InjectionTrigger(sites: SiteSet(.allocation(.srcu)), count: .nth(1)))
    #expect(environment.plan.armedSites == SiteMask(.allocation(.srcu)))
    #expect(environment.visit(.allocation(.srcu)) == .noMemory)
    #expect(environment.plan.armedSites.isEmpty)
    #expect(environment.visit(.allocation(.srcu)) == nil)
  }

  @Test func aCancelledLineNeverStrikesAgain() {
    var environment = Environment(seed: 1)
    let trigger = InjectionTrigger(sites: Self.leaf, count: .every(1), times: nil)
    let first = environment.plan.add(.powerCycle(.s3), at: trigger)
    let second = environment.plan.add(.powerCycle(.s4), at: trigger)
    #expect(environment.visit(.leaf(.EADD)) == .powerCycle(.s3))
    environment.plan.cancel(first)
    #expect(environment.plan.planned[first].isCancelled)
    #expect(environment.visit(.leaf(.EADD)) == .powerCycle(.s4))
    environment.plan.cancelAll()
    #expect(environment.visit(.leaf(.EADD)) == nil)
    #expect(environment.plan.armedSites.isEmpty)
    #expect(environment.plan.planned.map(\.struck) == [1, 1])
    #expect(environment.plan.planned[second].isCancelled)
  }

  @Test func theOldestLineWinsAndTheOthersCountTheVisit() {
    var environment = Environment(seed: 1)
    let sites = SiteSet(name: "leaf")!
    environment.plan.add(.powerCycle(.s3), at: InjectionTrigger(sites: Self.leaf, count: .nth(2)))
    environment.plan.add(.powerCycle(.s4), at: InjectionTrigger(sites: sites, count: .nth(2)))
    environment.plan.add(.powerCycle(.migration), at: InjectionTrigger(sites: sites, count: .every(3)))
    let kinds = (1...4).map { _ in environment.visit(.leaf(.EADD)) }
    #expect(kinds == [nil, .powerCycle(.s3), .powerCycle(.s4), nil])
    #expect(environment.plan.planned.map(\.seen) == [2, 3, 4])
    #expect((5...6).map { _ in environment.visit(.leaf(.EADD)) } == [nil, .powerCycle(.migration)])
  }

  @Test func aForkOfTheEnvironmentHasAPlanOfItsOwn() {
    var environment = Environment(seed: 1)
    environment.plan.add(.powerCycle(.s3), at: InjectionTrigger(sites: Self.leaf, count: .nth(2)))
    _ = environment.visit(.leaf(.EADD))
    var fork = environment
    #expect(environment.visit(.leaf(.EADD)) == .powerCycle(.s3))
    #expect(fork.plan.planned[0].struck == 0)
    #expect(fork.visit(.leaf(.EADD)) == .powerCycle(.s3))
  }

  @Test func aStrikeIsAnEvent() {
    var environment = Environment(seed: 1)
    environment.plan.add(.badAddress, at: InjectionTrigger(sites: SiteSet(.userCopy(.pin)), count: .nth(2)))
    _ = environment.visit(.userCopy(.pin))
    #expect(environment.trace.count == 0)
    _ = environment.visit(.userCopy(.pin))
    #expect(environment.trace.events == [.injected(.badAddress, .userCopy(.pin))])
  }
}
