import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// Every row of the registry is complete, and says of its call what the call does.
@Suite("Registry of calls") struct CallRegistryTests {
  @Test func everyCallHasARowInItsPlace() {
    #expect(CallRegistry.rows.map(\.name) == OperationName.allCases)
    for (place, name) in OperationName.allCases.enumerated() {
      #expect(name.row.name == name)
      #expect(Int(name.number.rawValue) == place)
      #expect(OperationName(name.number) == name)
      #expect(name.number.text == name.text)
    }
    #expect(OperationName(CallNumber(UInt8(OperationName.allCases.count))) == nil)
  }

  @Test func wordsAndNumbersAreUniqueAndSpelledAsWords() {
    let words = CallRegistry.rows.map(\.word)
    #expect(Set(words).count == words.count)
    for word in words { #expect(!word.isEmpty && word.allSatisfy { $0.isLowercase || $0 == "_" }, "\(word)") }
    let ioctls = CallRegistry.rows.compactMap(\.ioctl)
    #expect(Set(ioctls).count == ioctls.count)
    #expect(EnclaveIoctl.allCases.filter(\.isBuilt) == ioctls)
  }

  /// struct sgx_enclave_create, _add_pages, _init and _provision, and what they point to.
  @Test(arguments: [
    (OperationName.create, 8, SECS.size), (.addPages, 48, SecInfo.size),
    (.initialize, 8, SigStruct.size), (.provision, 8, 0),
  ])
  func sizesAreThoseOfTheHeader(_ name: OperationName, _ argument: Int, _ pointed: Int) throws {
    #expect(try #require(name.row.ioctl).argumentSize == argument)
    #expect(name.row.pointedSize == pointed)
    #expect(name.row.ioctl?.writesBack == (name == .addPages))
  }

  /// A machine on which every call has to make room for its pages, and INIT has to sleep.
  private func prepared(_ name: OperationName) -> (bench: Bench, call: Testbench.Operation) {
    var bench = Bench(pages: 24)
    let loaded = bench.loaded()
    let device = bench.provisionDevice()
    let empty = bench.open()
    let filled = bench.add(loaded, page: 1, count: bench.freePages - 1)
    precondition(filled.outcome == .success && bench.freePages == 1)
    bench.machine.strike(.leafError(.SGX_UNMASKED_EVENT), at: .leaf(.EINIT), times: nil)
    let call: Testbench.Operation =
      switch name {
      case .open: .open(OpenCall(process: bench.process))
      case .create: bench.createCall(empty)
      case .addPages: bench.addCall(loaded, page: 100, count: 5)
      case .initialize: bench.initCall(loaded)
      case .provision: bench.provisionCall(loaded, fd: device)
      case .close: bench.closeCall(loaded)
      case .unknownIoctl: bench.ioctlCall(loaded)
      case .mmap:
        .mmap(
          MmapCall(
            process: bench.process, descriptor: loaded,
            request: MmapRequest(address: UserAddress(Bench.base), length: ByteCount(pageSize), protection: .read)))
      case .mprotect:
        .mprotect(MprotectCall(process: bench.process, address: bench.source, length: ByteCount(pageSize), protection: .read))
      case .munmap: .munmap(MunmapCall(process: bench.process, address: bench.source, length: ByteCount(pageSize)))
      case .access: bench.accessCall(page: 0)
      case .reclaim: .reclaim(ReclaimCall(.batches(1)))
      }
    return (bench, call)
  }

  @Test(arguments: OperationName.allCases) func aRowSaysWhetherItsCallAsksForSignals(_ name: OperationName) {
    var (bench, call) = prepared(name)
    #expect(call.name == name)
    let before = bench.machine.environment.visits(of: .signalPoll)
    _ = bench.machine.call(call)
    #expect((bench.machine.environment.visits(of: .signalPoll) > before) == name.row.isInterruptible)
  }

  @Test(arguments: OperationName.allCases) func aRowSaysWhetherItsCallIsMadeAgain(_ name: OperationName) throws {
    var (bench, call) = prepared(name)
    bench.machine.withProcess(bench.process) {
      $0.signals.setDisposition(.handler(restarts: true), of: SignalNumber(14)!)
    }
    bench.machine.strike(.signal(try #require(SignalNumber(14))), at: .signalPoll)
    let answer = bench.machine.callBelowSignals(call).outcome
    #expect((answer == .restart) == name.row.isRestartable)
  }

  /// A restart is the request as it was, whatever has become of the call.
  @Test(arguments: OperationName.allCases) func aRestartBeginsAtTheBeginning(_ name: OperationName) {
    let (bench, call) = prepared(name)
    var (once, again) = (bench, bench)
    let first = once.machine.call(call)
    let second = again.machine.call(first.call.restarted)
    #expect(second.outcome == first.outcome)
    #expect(second.steps == first.steps)
    #expect(second.call.report == first.call.report)
    #expect(again.machine.logicalState == once.machine.logicalState)
  }

  @Test(arguments: OperationName.allCases) func aCallCostsFuel(_ name: OperationName) {
    let (bench, call) = prepared(name)
    #expect(name.row.fuel >= 100)
    #expect(call.work(on: bench.machine.driver).fuel < 1 << 32)
    #expect(name.row.isInterruptible || !name.row.isRestartable)
  }
}
