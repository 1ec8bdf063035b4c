import SGXArchitecture
import Simulation
import Testing

@testable import SGXDriver
@testable import SGXProcessor
@testable import Testbench

/// How far a law reaches: when it is checked, and when it must not be.
@Suite("Reach of the laws") struct LawReachTests {
  @Test func aPageOfAnEnclaveThatIsGoneIsNotAccountedFor() {
    var bench = Bench(pages: 64)
    let descriptor = bench.enclave()
    let added = bench.add(descriptor, count: 2)
    #expect(added == .done(2))
    // As if release had forgotten the version array.
    let forgotten = bench.machine.driver.enclaves[0]!.versionArrays.popFirst()!
    let closed = bench.close(descriptor)
    #expect(closed == .success)
    #expect(bench.machine.driver.pool[forgotten].state == .inUse(.versionArray(EnclaveID(0))))
    #expect(bench.brokenLaws == [.conservation])
  }

  @Test func aPageTakenAndForgottenIsNotAccountedFor() {
    var bench = Bench(pages: 64)
    _ = bench.enclave()
    _ = bench.machine.driver.pool.allocate()
    bench.machine.checkLaws()
    #expect(bench.brokenLaws == [.conservation])
    #expect(bench.machine.breaches[0].invariant.kind == .bench)
  }

  @Test func inTheMiddleOfACallAPageMayBeOnItsWay() {
    var bench = Bench(pages: 64, checks: .everyStep)
    let descriptor = bench.enclave()
    let id = bench.machine.begin(bench.addCall(descriptor, count: 3))
    while !bench.machine.isFinished(id) {
      bench.machine.step(id)
      bench.machine.checkLaws()
    }
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aRunThatEndedInsideACallIsNotBlamedForWhatTheCallHeld() {
    var bench = Bench(pages: 6)
    let descriptor = bench.enclave()
    bench.machine.strike(.noMemory, at: .allocation(.backing), times: nil)
    let stopped = bench.add(descriptor, count: 9)
    #expect(stopped.outcome == .stopped(.endlessLoop(.directReclaim)))
    bench.machine.checkLaws()
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aBrokenProcessorIsSeenInTheMiddleOfACallToo() {
    var bench = Bench(pages: 64, checks: .everyStep)
    let descriptor = bench.enclave()
    let id = bench.machine.begin(bench.addCall(descriptor, count: 3))
    bench.machine.step(id)
    bench.machine.processor.validPageCount += 1
    bench.machine.step(id)
    #expect(!bench.machine.isFinished(id))
    #expect(bench.brokenLaws == [.epcmValidCount])
  }

  @Test func anEntryThatNamesNoSECSAtAllIsReportedAndDoesNotStopTheChecker() {
    var bench = Bench(pages: 64)
    let descriptor = bench.enclave()
    let added = bench.add(descriptor)
    #expect(added == .done(1))
    bench.machine.processor.epcm.withElement(2) { $0.secsIndex = .max }
    bench.machine.checkLaws()
    #expect(bench.brokenLaws == [.epcmSECS, .epcmChildCount])
  }

  @Test func withoutChecksNothingIsLookedAt() {
    var bench = Bench(pages: 64, checks: .never)
    let descriptor = bench.enclave()
    bench.machine.driver.enclaves[0]!.secsChildCount += 1
    let added = bench.add(descriptor)
    #expect(added == .done(1))
    #expect(bench.brokenLaws.isEmpty)
    bench.machine.checkLaws()
    #expect(bench.brokenLaws == [.childCount])
  }

  @Test func aWarningIsABreachOnlyWhereNoLeafWasMadeToLie() {
    for isForged in [true, false] {
      var bench = Bench(pages: 64)
      let descriptor = bench.enclave()
      if isForged {
        bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD))
        let refused = bench.add(descriptor)
        #expect(refused == .failed(.EIO, pages: 0))
      }
      bench.machine.driver.log.warnOnce(.EPA, value: 6, in: &bench.machine.environment)
      bench.machine.checkLaws()
      #expect(bench.brokenLaws == (isForged ? [] : [.quiet]))
    }
  }
}
