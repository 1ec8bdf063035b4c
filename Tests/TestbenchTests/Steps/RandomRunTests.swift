import Histories
import SGXDriver
import Simulation
import Testing

@testable import Testbench

/// Random histories: calls of every kind in tasks, with faults anywhere. No law of the bench may break, on no driver.
/// `Scripts/dev/histories` makes millions of them.
@Suite("Random histories") struct RandomRunTests {
  private static let seeds = 0..<3 as Range<UInt64>

  @Test(arguments: DriverVersion.all.map(\.name)) func noLawOfTheBenchBreaks(_ driver: String) throws {
    let version = try #require(DriverVersion.named(driver))
    var tally = Tally()
    for seed in Self.seeds {
      var history = History(seed: seed, driver: version)
      history.run(operations: 100)
      tally.add(history.tally)
    }
    #expect(tally.wrong.isEmpty, "\(tally.wrong)")
    if driver == "reviewed" { #expect(tally.driverBreaches.isEmpty, "\(tally.driverBreaches)") }
  }

  /// A random test that never gets anywhere proves nothing.
  @Test func theHistoriesGetSomewhere() {
    var tally = Tally()
    for seed in 100..<116 as Range<UInt64> {
      var history = History(seed: seed, driver: .v6_1_192)
      history.run(operations: 250)
      tally.add(history.tally)
    }
    for name in OperationName.allCases {
      #expect(tally.made[name.text, default: 0] >= 10, "\(name)")
      // An ioctl that nobody knows is always refused.
      if name != .unknownIoctl { #expect(tally.succeeded[name.text, default: 0] >= 2, "\(name): \(tally.text)") }
    }
    #expect(tally.errnos.count >= 10, "\(tally.errnos)")
    #expect(tally.turnsOfKsgxd >= 100)
    #expect(tally.brokenOff >= 5)
    #expect(tally.faultsStruck >= 40)
    #expect(tally.powerCycles >= 5)
    #expect(tally.evictions >= 500)
    #expect(tally.pagesMax > 512)
    #expect(tally.succeeded[OperationName.access.text, default: 0] * 6 >= tally.made[OperationName.access.text, default: 0])
    #expect(tally.findings.values.reduce(0, +) < 16)
  }

  @Test(arguments: 0..<4 as Range<UInt64>) func theSameSeedIsTheSameHistory(_ seed: UInt64) {
    var first = History(seed: seed, driver: .v6_1_192)
    var second = History(seed: seed, driver: .v6_1_192)
    first.run(operations: 100)
    second.run(operations: 100)
    #expect(first.fingerprint == second.fingerprint)
    #expect(first.tally.text == second.tally.text)
  }
}
