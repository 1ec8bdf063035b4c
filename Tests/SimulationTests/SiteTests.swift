import SGXArchitecture
import Simulation
import Testing

@Suite struct SiteTests {
  @Test func everySiteHasANumberAndANameOfItsOwn() {
    #expect(Site.all.count == 34 + 14 + 6 + 2)
    #expect(Set(Site.all.map(\.place)).count == Site.all.count, "no kind has outgrown its room")
    #expect(Set(Site.all.map(\.name)).count == Site.all.count)
    #expect(Site.all.map(\.place) == Site.all.map(\.place).sorted())
    #expect(Site.all.allSatisfy { $0.place < SiteMask.capacity })
  }

  @Test func spellings() {
    #expect(Site.leaf(.EADD).name == "leaf:EADD")
    #expect(Site.allocation(.physPage).name == "allocation:phys_page")
    #expect(Site.userCopy(.writeBack).name == "user_copy:write_back")
    #expect(Site.signalPoll.name == "signal_poll")
    #expect(Site.preemption.name == "preemption")
  }

  @Test(arguments: Site.all) func aSiteIsFoundByItsName(site: Site) throws {
    let set = try #require(SiteSet(name: site.name))
    #expect(set == SiteSet(site))
    #expect(Site.all.filter(set.contains) == [site])
  }

  @Test(arguments: [
    ("leaf", 34), ("allocation", 14), ("user_copy", 6), ("signal_poll", 1), ("preemption", 1), ("any", 56),
  ])
  func aFamilyHoldsItsMembers(name: String, count: Int) throws {
    let set = try #require(SiteSet(name: name))
    let members = Site.all.filter(set.contains)
    #expect(members.count == count)
    #expect(set.mask.count == count)
    #expect(set.name == name)
    if count > 1, name != "any" { #expect(members.allSatisfy { $0.name.hasPrefix(name + ":") }) }
  }

  @Test(arguments: ["", "leaf:", "Leaf", "leaf:eadd", "leaf:EADD ", "lea", "allocation:page", "user_copy:", ":", "all"])
  func anythingElseIsNoSet(name: String) {
    #expect(SiteSet(name: name) == nil)
  }

  @Test func visitsAreCountedBySiteAndTogether() {
    var environment = Environment(seed: 9)
    for (index, site) in Site.all.enumerated() { for _ in 0...index { _ = environment.visit(site) } }
    for (index, site) in Site.all.enumerated() { #expect(environment.visits(of: site) == UInt64(index + 1)) }
    #expect(environment.visits == UInt64((1...Site.all.count).reduce(0, +)))
    #expect(environment.now == Tick(environment.visits))
  }

  @Test func aSwitchedOffSeamCountsAndStrikesNothing() {
    var environment = Environment(seed: 9, consultsPlan: false)
    environment.plan.add(.powerCycle(.s3), at: InjectionTrigger(sites: SiteSet(name: "any")!, count: .every(1), times: nil))
    for site in Site.all { #expect(environment.visit(site) == nil) }
    #expect(environment.visits == 0)
    #expect(environment.trace.count == 0)
  }

  @Test func theLogOfVisitsSaysWhereASweepCanStrike() {
    var environment = Environment(seed: 9)
    _ = environment.visit(.preemption)
    environment.logVisits()
    for site in [Site.signalPoll, .leaf(.EADD), .leaf(.EADD)] { #expect(environment.visit(site) == nil) }
    let log = environment.takeVisitLog()
    #expect(log.map(\.visit) == [2, 3, 4])
    #expect(log.map(\.site) == [.signalPoll, .leaf(.EADD), .leaf(.EADD)])
    _ = environment.visit(.preemption)
    #expect(environment.takeVisitLog().isEmpty, "the log was ended")
    #expect(environment.trace.count == 0)
  }

  @Test func aLoggedVisitCanBeStruckByItsNumber() {
    var first = Environment(seed: 9)
    first.logVisits()
    for site in Site.all { _ = first.visit(site) }
    for (visit, site) in first.takeVisitLog() {
      var again = Environment(seed: 9)
      again.plan.add(.powerCycle(.s4), at: InjectionTrigger(sites: SiteSet(name: "any")!, count: .visit(visit)))
      #expect(Site.all.filter { again.visit($0) != nil } == [site])
    }
  }

  /// An injection names only sites where the code that was visited can act on it.
  @Test func whereInjectionsCanStrike() {
    func names(_ injection: Injection) -> Set<String> {
      let sites = Site.all.filter { injection.sites.contains($0) }
      return Set(sites.map { String($0.name.prefix { $0 != ":" }) })
    }
    #expect(names(.leafError(.SGX_PG_INVLD)) == ["leaf"])
    #expect(names(.leafFault(.pageFault)) == ["leaf"])
    #expect(names(.noMemory) == ["allocation"])
    #expect(names(.badAddress) == ["user_copy"])
    #expect(names(.runAnotherTask) == ["preemption"])
    #expect(names(.unmap(UserAddress(0), ByteCount(1))) == ["preemption"])
    #expect(names(.powerCycle(.s3)) == ["leaf", "preemption"])
    #expect(names(.signal(SignalNumber(14)!)) == ["signal_poll", "preemption"])
  }
}
