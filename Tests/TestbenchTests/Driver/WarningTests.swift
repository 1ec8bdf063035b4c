import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// Warnings, and where the reviewed driver differs (linux-driver 6; reviewed-driver.md).
@Suite("Warnings and the reviewed driver") struct WarningTests {
  @Test func eachSiteWarnsOnceABoot() {
    var bench = Bench()
    let descriptor = bench.enclave()
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EEXTEND), times: 2)
    for page in 0..<2 as Range<UInt64> {
      let refused = bench.add(descriptor, page: page)
      #expect(refused == .failed(.EIO, pages: 0))
    }
    #expect(bench.warnings == [.EEXTEND])
    #expect(bench.machine.driver.log.warnings[0].value == 0x4000_000d)
    #expect(bench.machine.driver.log.occurrences[Int(WarningSite.EEXTEND.rawValue)] == 2)
  }

  @Test func oneLatchServesAllCallersOfEREMOVE() {
    var bench = Bench()
    let descriptor = bench.enclave()
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD))
    bench.machine.strike(.leafError(.SGX_ENCLAVE_ACT), at: .leaf(.EREMOVE), times: 2)
    let refused = bench.add(descriptor)
    #expect(refused == .failed(.EIO, pages: 0))
    let closed = bench.close(descriptor)
    #expect(closed == .success)
    #expect(bench.warnings == [.EREMOVE_LEAK])
    #expect(bench.machine.driver.pool.leakedCount == 2, "one while undoing, one at release")
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aPageFaultIsExpectedAndSilentButNotFromEREMOVE() {
    var bench = Bench(driver: .reviewed)
    let descriptor = bench.enclave()
    bench.machine.strike(.leafFault(.pageFault), at: .leaf(.EEXTEND))
    let refused = bench.add(descriptor)
    #expect(refused == .failed(.EIO, pages: 0))
    #expect(bench.warnings.isEmpty)
    bench.machine.strike(.leafFault(.pageFault), at: .leaf(.EREMOVE))
    let closed = bench.close(descriptor)
    #expect(closed == .success)
    #expect(bench.warnings == [.EREMOVE_LEAK])
  }

  /// F1: power is lost between EADD and EEXTEND.
  @Test func aPowerCycleInTheMiddleOfAPageLeaksTheSECSOnLinux() {
    var bench = Bench()
    let descriptor = bench.enclave()
    bench.machine.strike(.powerCycle(.s3), at: .leaf(.EEXTEND), nth: 17)
    let struck = bench.add(descriptor, count: 4)
    #expect(struck == .failed(.EIO, pages: 1))
    #expect(bench.warnings.isEmpty, "silent until close")
    #expect(bench.enclaveObject(descriptor)?.secsChildCount == 2)
    #expect(bench.enclaveObject(descriptor)?.slots.count == 1)
    let closed = bench.close(descriptor)
    #expect(closed == .success)
    #expect(bench.warnings == [.REL_SECS_CHILD, .REL_SECS_RESIDENT])
    #expect(bench.machine.driver.pool.leakedCount == 1)
    #expect(bench.freePages == 255)
    #expect(bench.brokenLaws.contains(.childCount))
    #expect(bench.brokenLaws.contains(.releaseComplete))
    #expect(bench.machine.breaches.allSatisfy { $0.invariant.kind == .driver })
  }

  @Test func theReviewedDriverSurvivesIt() {
    var bench = Bench(driver: .reviewed)
    let descriptor = bench.enclave()
    bench.machine.strike(.powerCycle(.s3), at: .leaf(.EEXTEND), nth: 17)
    let struck = bench.add(descriptor, count: 4)
    #expect(struck == .failed(.EIO, pages: 1))
    #expect(bench.enclaveObject(descriptor)?.secsChildCount == 1)
    let closed = bench.close(descriptor)
    #expect(closed == .success)
    #expect(bench.warnings.isEmpty)
    #expect(bench.freePages == 256)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func twoFailuresStillLeakOneFrame() {
    var bench = Bench()
    let descriptor = bench.enclave()
    bench.machine.strike(.leafFault(.pageFault), at: .leaf(.EEXTEND), times: 2)
    for _ in 0..<2 {
      let refused = bench.add(descriptor)
      #expect(refused == .failed(.EIO, pages: 0))
    }
    #expect(bench.enclaveObject(descriptor)?.secsChildCount == 2)
    let closed = bench.close(descriptor)
    #expect(closed == .success)
    #expect(bench.machine.driver.pool.leakedCount == 1)
    #expect(bench.machine.processor.validPageCount == 1, "the SECS is still valid in the EPCM")
  }

  /// R24: Linux keeps no note of a lost enclave and asks the processor each time.
  @Test(arguments: [DriverVersion.v6_1_192, .reviewed]) func aLostEnclaveSaysEIOUntilItIsClosed(_ version: DriverVersion) {
    var bench = Bench(driver: version)
    let descriptor = bench.enclave()
    let loaded = bench.add(descriptor, count: 2)
    #expect(loaded == .done(2))
    bench.machine.powerCycle(.s3)
    let first = bench.add(descriptor, page: 2)
    #expect(first == .failed(.EIO, pages: 0))

    let leaves = bench.machine.environment.visits(of: .leaf(.EADD))
    let later = bench.add(descriptor, page: 2) { $0.argument = .unreadable }
    let repeated = bench.add(descriptor, page: 2)
    let remembers = version == .reviewed
    #expect(later == .failed(remembers ? .EIO : .EFAULT, pages: nil))
    #expect(repeated == .failed(.EIO, pages: remembers ? nil : 0))
    #expect(bench.machine.environment.visits(of: .leaf(.EADD)) == leaves + (remembers ? 0 : 1))

    let fresh = bench.enclave()
    let works = bench.add(fresh)
    #expect(works == .done(1), "new enclaves work at once")
    for each in [descriptor, fresh] {
      let closed = bench.close(each)
      #expect(closed == .success)
    }
    #expect(bench.freePages == 256)
    #expect(bench.warnings.isEmpty)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aRefusalThatIsNoPageFaultLosesNothing() {
    var bench = Bench(driver: .reviewed)
    let descriptor = bench.enclave()
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EADD))
    let refused = bench.add(descriptor)
    #expect(refused == .failed(.EIO, pages: 0))
    let again = bench.add(descriptor)
    #expect(again == .done(1))
  }
}
