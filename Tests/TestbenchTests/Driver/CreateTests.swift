import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// SGX_IOC_ENCLAVE_CREATE: the order of its checks, and that every failure may be followed by success (linux-driver 2.1, 7.2).
@Suite("CREATE") struct CreateTests {
  /// What can go wrong, in the order in which the driver finds out.
  enum Defect: Int, CaseIterable, Sendable {
    case busy, argument, buffer, secs, size, versionArrayDescriptor, versionArrayPage, epa, backingFile, secsPage, ecreate

    var errno: Errno {
      switch self {
      case .busy: .EBUSY
      case .argument, .secs, .epa: .EFAULT
      case .buffer, .versionArrayDescriptor, .versionArrayPage, .backingFile, .secsPage: .ENOMEM
      case .size: .EINVAL
      case .ecreate: .EIO
      }
    }

    func arm(_ bench: inout Bench, _ request: inout CreateRequest) {
      switch self {
      case .busy: bench.machine.driver.enclaves[0]!.ioctlInFlight = true
      case .argument: request.argumentIsReadable = false
      case .buffer: bench.machine.strike(.noMemory, at: .allocation(.secsBuffer))
      case .secs: request.secsIsReadable = false
      case .size: request.secs.size = 0x3000
      case .versionArrayDescriptor: bench.machine.strike(.noMemory, at: .allocation(.vaDescriptor))
      case .versionArrayPage: bench.machine.strike(.noMemory, at: .allocation(.physPage))
      case .epa: bench.machine.strike(.leafFault(.pageFault), at: .leaf(.EPA))
      case .backingFile: bench.machine.strike(.noMemory, at: .allocation(.backingFile))
      case .secsPage: bench.machine.strike(.noMemory, at: .allocation(.physPage), nth: 2)
      case .ecreate: request.secs.xfrm = XFRM(rawValue: 1)
      }
    }
  }

  @Test(arguments: Defect.allCases) func ofTwoDefectsTheFirstIsSaid(_ first: Defect) {
    for second in Defect.allCases where second.rawValue > first.rawValue {
      var bench = Bench()
      let descriptor = bench.open()
      let outcome = createWith([first, second], &bench, descriptor)
      #expect(outcome == .failure(first.errno), "\(first) and \(second)")
    }
  }

  @Test(arguments: Defect.allCases) func everyFailureLeavesTheEnclaveAsAfterOpen(_ defect: Defect) {
    var bench = Bench(checks: defect == .busy ? .never : .everyOperation)
    let descriptor = bench.open()
    let before = bench.machine.logicalState
    let outcome = createWith([defect], &bench, descriptor)
    #expect(outcome == .failure(defect.errno))
    #expect(bench.machine.logicalState == before)
    #expect(bench.freePages == 256)
    #expect(bench.warnings == (defect == .epa ? [.EPA] : []))
    if defect == .busy { bench.machine.driver.enclaves[0]!.ioctlInFlight = false }
    bench.machine.cancelInjections()
    let again = bench.create(descriptor)
    #expect(again == .success)
    #expect(bench.freePages == 254)
    #expect(bench.brokenLaws.isEmpty)
  }

  private func createWith(_ defects: [Defect], _ bench: inout Bench, _ descriptor: FileDescriptor) -> CallOutcome? {
    var request = CreateRequest(secs: SECS(size: 0x40_0000, baseAddress: LinearAddress(Bench.base)))
    for defect in defects { defect.arm(&bench, &request) }
    return bench.create(descriptor) { $0 = request }
  }

  @Test func anEnclaveIsCreatedOnce() {
    var bench = Bench()
    let descriptor = bench.enclave()
    let before = bench.machine.logicalState
    let again = bench.create(descriptor) { $0.argumentIsReadable = false }
    #expect(again == .failure(.EINVAL), "the state is looked at before the argument")
    #expect(bench.machine.logicalState == before)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func eremoveFailingWhileUndoingLosesBothPagesWithOneWarning() {
    var bench = Bench()
    let descriptor = bench.open()
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.ECREATE))
    bench.machine.strike(.leafError(.SGX_ENCLAVE_ACT), at: .leaf(.EREMOVE), times: 2)
    let outcome = bench.create(descriptor)
    #expect(outcome == .failure(.EIO))
    #expect(bench.machine.driver.pool.leakedCount == 2)
    #expect(bench.warnings == [.EREMOVE_LEAK])
    let again = bench.create(descriptor)
    #expect(again == .success)
    #expect(bench.freePages == 256 - 4)
    #expect(bench.brokenLaws.isEmpty, "each page lost is warned of, though the log shows it once")
  }

  @Test(arguments: [0, 1, 0x1000, 0x1800, 0x3000, 1 << 57, 1 << 62, 1 << 63, 0 &- 0x1000] as [UInt64])
  func badSizesAreRefusedByTheDriverTheBackingFileOrTheProcessor(_ size: UInt64) {
    var bench = Bench()
    let descriptor = bench.open()
    let outcome = bench.create(descriptor, size: size) { $0.secs.baseAddress = LinearAddress(0) }
    let isPowerOfTwo = size != 0 && size & (size - 1) == 0
    #expect(outcome == .failure(!isPowerOfTwo || size == 1 << 63 ? .EINVAL : .EIO))
    #expect(bench.machine.environment.visits(of: .leaf(.ECREATE)) == (outcome == .failure(.EIO) ? 1 : 0))
    #expect(bench.freePages == 256)
  }

  /// Before the check came to the driver, only the processor and the backing file looked at the size.
  @Test(arguments: [(0, Errno.EIO), (0x3000, .EIO), (1 << 63, .EINVAL), (0 &- 0x1000, .EIO)] as [(UInt64, Errno)])
  func withoutTheSizeCheckTheProcessorRefuses(_ size: UInt64, _ errno: Errno) {
    var version = DriverVersion.v6_1_192
    version.createChecksSizeIsPowerOfTwo = false
    var bench = Bench(driver: version)
    let descriptor = bench.open()
    let outcome = bench.create(descriptor, size: size) { $0.secs.baseAddress = LinearAddress(0) }
    #expect(outcome == .failure(errno))
    #expect(bench.machine.environment.visits(of: .leaf(.EPA)) == 1)
    #expect(bench.freePages == 256)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func openNeedsTwoAllocations() {
    for kind in [AllocationKind.enclave, .srcu] {
      var bench = Bench()
      bench.machine.strike(.noMemory, at: .allocation(kind))
      let refused = bench.machine.call(.open(OpenCall(process: bench.process)))
      #expect(refused.outcome == .failure(.ENOMEM))
      #expect(bench.machine.driver.openDescriptors(of: bench.process).isEmpty)
      #expect(bench.machine.driver.enclaves.isEmpty)
    }
  }
}
