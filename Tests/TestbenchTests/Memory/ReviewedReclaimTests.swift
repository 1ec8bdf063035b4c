import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// Where the reviewed driver differs from Linux when eviction fails: each behaviour with and without.
@Suite("Failed eviction, real and reviewed") struct ReviewedReclaimTests {
  /// Four pages, mapped, of an enclave that is not initialised.
  private static func loaded(_ driver: DriverVersion) -> (Bench, FileDescriptor) {
    var bench = Bench(pages: 64, driver: driver)
    let descriptor = bench.enclave()
    let added = bench.add(descriptor, count: 4)
    #expect(added == .done(4))
    let mapped = bench.mmap(descriptor)
    #expect(mapped == .success)
    return (bench, descriptor)
  }

  @Test func aPageThatWasNeverEvictedBeforeAndIsLostIsANullPointer() {
    var (bench, _) = Self.loaded(.v6_1_192)
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EWB))
    _ = bench.machine.reclaim(.batches(1))
    #expect(bench.warnings == [.EWB])
    let task = bench.machine.call(bench.accessCall(page: 0))
    #expect(task.outcome == .stopped(.nullPointer(.loadWithoutVersionArray)))
  }

  @Test func theReviewedDriverKnowsWhatIsLost() {
    var (bench, descriptor) = Self.loaded(.reviewed)
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EWB))
    _ = bench.machine.reclaim(.batches(1))
    let lost = bench.access(page: 0)
    let others = (1..<4).map { bench.access(page: $0) }
    #expect(lost == .busError)
    #expect(others == [.mapped, .mapped, .mapped])
    #expect(bench.machine.driver.pool.leakedCount == 0)
    _ = bench.close(descriptor)
    _ = bench.munmap()
    #expect(bench.freePages == 64)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aFrameThatCannotBeRemovedIsKeptOutOfUse() {
    var (bench, descriptor) = Self.loaded(.reviewed)
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EWB))
    bench.machine.strike(.leafError(.SGX_ENCLAVE_ACT), at: .leaf(.EREMOVE))
    _ = bench.machine.reclaim(.batches(1))
    #expect(bench.machine.driver.pool.leakedCount == 1)
    #expect(bench.warnings == [.EWB, .EREMOVE_LEAK])
    #expect(bench.enclaveObject(descriptor)?.secsPage != nil)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func theRealDriverFreesItAsItIs() {
    var (bench, _) = Self.loaded(.v6_1_192)
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EWB))
    _ = bench.machine.reclaim(.batches(1))
    #expect(bench.brokenLaws == [.freeIsInvalid])
  }

  @Test func afterAPowerCycleEBLOCKSaysThatThePageIsGone() {
    for (driver, warnings) in [(DriverVersion.v6_1_192, [WarningSite.EBLOCK]), (.reviewed, [])] {
      var (bench, _) = Self.loaded(driver)
      bench.machine.powerCycle(.s3)
      let round = bench.machine.reclaim(.batches(1))
      #expect(round.freed == 4)
      #expect(bench.warnings == warnings)
    }
  }

  @Test func aFailedLoadIsFinal() {
    for driver in [DriverVersion.v6_1_192, .reviewed] {
      var (bench, descriptor) = Self.loaded(driver)
      _ = bench.machine.reclaim(.batches(1))
      bench.machine.strike(.leafError(.SGX_MAC_COMPARE_FAIL), at: .leaf(.ELDU))
      let refused = bench.access(page: 2)
      let again = bench.access(page: 2)
      let other = bench.access(page: 3)
      #expect([refused, again, other] == [.busError, .busError, .mapped])
      #expect(bench.warnings == [.ELDU])
      #expect(bench.brokenLaws.isEmpty)
      _ = bench.close(descriptor)
      _ = bench.munmap()
      #expect(bench.freePages == 64)
    }
  }

  @Test func noRoomInTheBackingStoreIsNotFinal() {
    var (bench, _) = Self.loaded(.v6_1_192)
    _ = bench.machine.reclaim(.batches(1))
    bench.machine.strike(.noMemory, at: .allocation(.backing), nth: 2)
    let refused = bench.access(page: 2)
    let again = bench.access(page: 2)
    #expect([refused, again] == [.busError, .mapped])
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aBackingStoreThatIsFullForGoodEndsInENOMEMWhereReclaimGivesUp() {
    var bench = Bench(pages: 40, driver: .reviewed)
    let descriptor = bench.enclave()
    bench.machine.strike(.noMemory, at: .allocation(.backing), times: nil)
    let refused = bench.add(descriptor, count: 50)
    #expect(refused == .failed(.ENOMEM, pages: 38))
    #expect(bench.brokenLaws.isEmpty)
  }

  /// Giving up waits until every page was looked at twice: young pages are evictable at the second look.
  @Test func youngPagesAreNoReasonToGiveUp() {
    var bench = Bench(pages: 64, driver: .reviewed)
    let descriptor = bench.enclave()
    _ = bench.add(descriptor, count: 62)
    _ = bench.mmap(descriptor)
    for page in 0..<62 as Range<UInt64> { _ = bench.access(page: page) }
    let added = bench.add(descriptor, page: 62)
    #expect(added == .done(1))
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aNotifierThatFailsLeaksTheEnclaveOnlyInTheRealDriver() {
    for (driver, free) in [(DriverVersion.v6_1_192, 58 as UInt64), (.reviewed, 64)] {
      var bench = Bench(pages: 64, driver: driver)
      let descriptor = bench.enclave()
      _ = bench.add(descriptor, count: 4)
      bench.machine.strike(.noMemory, at: .allocation(.notifier))
      let refused = bench.mmap(descriptor)
      #expect(refused == .failure(.ENOMEM))
      let again = bench.mmap(descriptor)
      #expect(again == .success)
      _ = bench.munmap()
      _ = bench.close(descriptor)
      #expect(bench.freePages == free)
      #expect(bench.brokenLaws == (free == 64 ? [] : [.references]))
    }
  }
}
