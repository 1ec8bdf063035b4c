import LinuxKernel
import SGXArchitecture
import SGXDriver
import Simulation
import Testing

@testable import ScenarioLanguage

/// Faults and numbers as people write them.
@Suite("Spellings") struct SpellingTests {
  @Test(arguments: [
    ("0", 0), ("4096", 4096), ("0x1000", 4096), ("64 KiB", 65536), ("64KiB", 65536), ("2 MiB", 2 << 20), ("1 GiB", 1 << 30),
    ("12 B", 12), ("0x8000000000000000", 1 << 63), ("18446744073709551615", UInt64.max),
  ] as [(String, UInt64)])
  func aNumber(_ text: String, _ value: UInt64) { #expect(NumberText.parse(text) == value) }

  @Test(arguments: ["", " ", "KiB", "-1", "1.5", "0x", "0xg", "64 kib", "64K", "18446744073709551616", "99999999999 GiB", "0x 10"])
  func noNumber(_ text: String) { #expect(NumberText.parse(text) == nil) }

  /// Every fault can be planned at every site where it can strike, and nowhere else.
  @Test func everyPairOfFaultAndSiteIsDecidedByWhereItCanStrike() {
    let words = ["power", "nomem", "efault", "GP", "PF", "UD", "code:SGX_CHILD_PRESENT", "SIGALRM", "other_task"]
    for word in words {
      guard let injection = try? FaultText.parseFault(word) else {
        Issue.record("\(word) is a fault")
        continue
      }
      for site in Site.all {
        let planned = try? FaultText.parse("\(word)@\(site.name),nth=2")
        #expect((planned != nil) == injection.sites.contains(site), "\(word)@\(site.name)")
        if let planned {
          #expect(planned.injection == injection)
          #expect(planned.trigger == InjectionTrigger(sites: SiteSet(site), count: .nth(2), times: 1))
        }
      }
    }
  }

  @Test func theCommandLineHasNoUnmap() {
    #expect(throws: FaultText.Problem.self) { try FaultText.parse("unmap@preemption") }
  }

  @Test func everyPowerCycleAndEverySignalIsAFault() throws {
    for kind in PowerCycleKind.allCases { #expect(try FaultText.parseFault("power:\(kind.rawValue)") == .powerCycle(kind)) }
    for name in SignalNumber.allNames {
      let signal = try #require(SignalNumber(name: name))
      #expect(try FaultText.parseFault(name) == .signal(signal))
      #expect(try FaultText.parseFault("signal:\(name)") == .signal(signal))
    }
  }

  @Test func theCountIsOneOfThree() throws {
    #expect(try FaultText.parse("power@any,visit=9").trigger.count == .visit(9))
    #expect(try FaultText.parse("power@leaf,every=4,persistent").trigger.count == .every(4))
    #expect(try FaultText.parse("power@leaf,every=4,persistent").trigger.times == nil)
    #expect(try FaultText.parse("power@leaf,times=3").trigger.times == 3)
  }
}
