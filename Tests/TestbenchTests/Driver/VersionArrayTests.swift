import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// Room for versions comes in steps of 512, and EPC may run out anywhere.
@Suite("Version arrays and the end of EPC") struct VersionArrayTests {
  @Test func theSecondArrayComesWithPage512() {
    var bench = Bench(pages: 1024)
    let descriptor = bench.enclave()
    let most = bench.add(descriptor, count: 511)
    #expect(most == .done(511))
    #expect(bench.enclaveObject(descriptor)?.pageCount == 512)
    #expect(bench.enclaveObject(descriptor)?.versionArrays.count == 1)
    #expect(bench.freePages == 1024 - 513)

    let next = bench.add(descriptor, page: 511)
    #expect(next == .done(1))
    #expect(bench.enclaveObject(descriptor)?.versionArrays.count == 2)
    #expect(bench.freePages == 1024 - 515)
    let closed = bench.close(descriptor)
    #expect(closed == .success)
    #expect(bench.freePages == 1024)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test(arguments: [5, 511, 512, 700] as [UInt64])
  func anEPCOfExactlyTheRightSizeIsEnoughAndOneLessIsNot(_ count: UInt64) {
    let arrays = (count + 1 + 511) / 512
    let needed = UInt32(count + 1 + arrays)
    var enough = Bench(pages: needed)
    let descriptor = enough.enclave()
    let all = enough.add(descriptor, count: count)
    #expect(all == .done(count))
    #expect(enough.freePages == 0)
    let closed = enough.close(descriptor)
    #expect(closed == .success)
    #expect(enough.freePages == UInt64(needed))
    #expect(enough.brokenLaws.isEmpty)

    var short = Bench(pages: needed - 1)
    let second = short.enclave()
    let evicting = short.add(second, count: count)
    #expect(evicting == .done(count), "one batch makes room")
    #expect(short.machine.driver.evictions == min(count - 1, 16))
    #expect(short.brokenLaws.isEmpty)
  }

  @Test func withNothingToEvictTheEndIsENOMEM() {
    var bench = Bench(pages: 6, background: true)
    let descriptors = [bench.enclave(), bench.enclave(), bench.enclave()]
    #expect(bench.freePages == 0)
    let before = bench.machine.logicalState
    let refused = bench.add(descriptors[0])
    #expect(refused == .failed(.ENOMEM, pages: 0))
    let another = bench.open()
    let created = bench.create(another)
    #expect(created == .failure(.ENOMEM))
    #expect(bench.machine.logicalState.differences(from: before) == ["enclave counters", "slots"], "only the open one is new")
    let closed = bench.close(descriptors[2])
    #expect(closed == .success)
    let again = bench.add(descriptors[0])
    #expect(again == .done(1))
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func theBackgroundReclaimerIsWokenBelow32FreePages() {
    var bench = Bench(pages: 64, background: true)
    let descriptor = bench.enclave()
    let above = bench.add(descriptor, count: 30)
    #expect(above == .done(30))
    #expect(bench.freePages == 32)
    let below = bench.add(descriptor, page: 30)
    #expect(below == .done(1))
    #expect(bench.machine.driver.evictions == 31, "ksgxd goes on until 64 pages are free or none is left to evict")
    #expect(bench.freePages == 62)
    #expect(bench.brokenLaws.isEmpty)
  }

  /// The watermark is tested after every result of the allocator but ENOMEM, so after a signal too (linux-driver 4.2).
  @Test func aSignalInTheAllocatorWakesItToo() {
    var bench = Bench(pages: 8, background: true)
    let descriptor = bench.enclave()
    let first = bench.add(descriptor)
    #expect(first == .done(1), "nothing was reclaimable yet when its page was taken")
    bench.machine.withProcess(bench.process) { $0.signals.setDisposition(.handler(restarts: false), of: SignalNumber(14)!) }
    bench.machine.strike(.noMemory, at: .allocation(.physPage))
    bench.machine.strike(.signal(SignalNumber(14)!), at: .signalPoll, nth: 2)
    let signalled = bench.add(descriptor, page: 1)
    #expect(signalled == .failed(.EINTR, pages: 0))
    #expect(bench.machine.driver.evictions == 1)
  }

  @Test func anEnclaveWithoutAReclaimablePageDoesNotWakeIt() {
    var bench = Bench(pages: 33, background: true)
    _ = bench.enclave()
    #expect(bench.freePages == 31)
    #expect(bench.machine.finding == nil)
  }

  /// The page whose slot needs a new array fails before, in and behind the array; both pages of EPC come back.
  @Test(arguments: [
    (Injection.noMemory, Site.allocation(.vaDescriptor), Errno.ENOMEM, [WarningSite]()),
    (.leafFault(.generalProtection), .leaf(.EPA), .EFAULT, [.EPA]),
    (.leafFault(.pageFault), .leaf(.EPA), .EFAULT, [.EPA]),
    (.noMemory, .allocation(.slotMapNode), .ENOMEM, []),
    (.badAddress, .userCopy(.pin), .EFAULT, []),
    (.leafFault(.generalProtection), .leaf(.EADD), .EIO, []),
  ])
  func aFailureAtTheBoundaryGivesBothPagesBack(
    _ injection: Injection, _ site: Site, _ errno: Errno, _ warnings: [WarningSite]
  ) {
    var bench = Bench(pages: 600)
    let descriptor = bench.enclave()
    let most = bench.add(descriptor, count: 511)
    #expect(most == .done(511))
    let before = bench.machine.logicalState
    bench.machine.strike(injection, at: site)
    let refused = bench.add(descriptor, page: 511)
    #expect(refused == .failed(errno, pages: 0))
    #expect(bench.machine.logicalState == before)
    #expect(bench.warnings == warnings)
    let again = bench.add(descriptor, page: 511)
    #expect(again == .done(1))
    #expect(bench.enclaveObject(descriptor)?.versionArrays.count == 2)
    #expect(bench.brokenLaws.isEmpty)
  }
}
