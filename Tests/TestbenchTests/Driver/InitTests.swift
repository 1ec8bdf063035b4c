import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// SGX_IOC_ENCLAVE_INIT: the checks in their order, and that no failure leaves a trace (linux-driver facts, I1 to I6, I10 to I12).
@Suite("INIT") struct InitTests {
  /// What may be wrong, in the order in which the kernel looks.
  enum Flaw: CaseIterable {
    case argument, buffer, sigStruct, vendor, attribute, reservedAttribute, reservedMisc, reservedXFRM, crypto, code

    var errno: Errno {
      switch self {
      case .argument, .sigStruct: .EFAULT
      case .buffer, .crypto: .ENOMEM
      case .vendor, .reservedAttribute, .reservedMisc, .reservedXFRM: .EINVAL
      case .attribute: .EACCES
      case .code: .EPERM
      }
    }

    /// Makes it wrong; the attribute was made wrong when the enclave was created.
    func apply(to bench: inout Bench, _ request: inout InitRequest) {
      switch self {
      case .argument: request.argumentIsReadable = false
      case .buffer: bench.machine.strike(.noMemory, at: .allocation(.sigstructBuffer))
      case .sigStruct: request.sigStructIsReadable = false
      case .vendor: request.sigStruct.vendor = 1
      case .attribute: break
      case .reservedAttribute: (request.sigStruct.attributes, request.sigStruct.attributeMask) = (.cet, .cet)
      case .reservedMisc: (request.sigStruct.miscSelect, request.sigStruct.miscMask) = (.cpInfo, .cpInfo)
      case .reservedXFRM: (request.sigStruct.xfrm.rawValue, request.sigStruct.xfrmMask.rawValue) = (1 << 8, 1 << 8)
      case .crypto: bench.machine.strike(.noMemory, at: .allocation(.crypto))
      case .code: bench.machine.processor.suppliedVerdict = .code(.SGX_INVALID_MEASUREMENT)
      }
    }
  }

  /// An enclave whose INIT has these flaws and no others.
  private func outcome(of flaws: [Flaw]) -> (outcome: CallOutcome?, bench: Bench, enclave: FileDescriptor) {
    var bench = Bench()
    let enclave = bench.loaded(attributes: flaws.contains(.attribute) ? [.mode64Bit, .provisionKey] : .mode64Bit)
    var request = InitRequest(sigStruct: SigStruct())
    for flaw in flaws { flaw.apply(to: &bench, &request) }
    let outcome = bench.initialize(enclave) { $0 = request }
    return (outcome, bench, enclave)
  }

  @Test(arguments: Flaw.allCases) func aFlawIsToldAndChangesNothing(_ flaw: Flaw) {
    var (outcome, bench, enclave) = outcome(of: [flaw])
    #expect(outcome == .failure(flaw.errno))
    #expect(bench.state(enclave) == .created)
    #expect(bench.brokenLaws.isEmpty)
    #expect(bench.warnings.isEmpty)
    #expect(bench.machine.environment.visits(of: .leaf(.EINIT)) == (flaw == .code ? 1 : 0))
    // More pages may come, and a good INIT succeeds.
    guard flaw != .attribute else { return }
    bench.machine.cancelInjections()
    bench.machine.processor.suppliedVerdict = .success
    let added = bench.add(enclave, page: 1)
    let again = bench.initialize(enclave)
    #expect(added == .done(1))
    #expect(again == .success)
    #expect(bench.state(enclave) == .initialized)
    #expect(bench.brokenLaws.isEmpty)
  }

  /// Of two flaws the one the kernel meets first decides.
  @Test(arguments: Flaw.allCases.indices.flatMap { first in Flaw.allCases.indices.dropFirst(first + 1).map { (first, $0) } })
  func theFirstOfTwoFlawsDecides(_ first: Int, _ second: Int) {
    let (outcome, _, _) = outcome(of: [Flaw.allCases[first], Flaw.allCases[second]])
    #expect(outcome == .failure(Flaw.allCases[first].errno), "\(Flaw.allCases[first]) before \(Flaw.allCases[second])")
  }

  @Test func theStateComesBeforeEverything() {
    var bench = Bench()
    let empty = bench.open()
    let beforeCreate = bench.initialize(empty) { $0.argumentIsReadable = false }
    #expect(beforeCreate == .failure(.EINVAL))
    let enclave = bench.loaded()
    let first = bench.initialize(enclave)
    let second = bench.initialize(enclave) { $0.argumentIsReadable = false }
    #expect(first == .success)
    #expect(second == .failure(.EINVAL))
    let added = bench.add(enclave, page: 1)
    let created = bench.create(enclave)
    #expect(added == .failed(.EINVAL, pages: nil))
    #expect(created == .failure(.EINVAL))
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test(arguments: [0, 0x8086] as [UInt32]) func twoVendorsAreKnown(_ vendor: UInt32) {
    var bench = Bench()
    let enclave = bench.loaded()
    let outcome = bench.initialize(enclave) { $0.sigStruct.vendor = vendor }
    #expect(outcome == .success)
  }

  @Test func anEnclaveWithoutPagesCanBeInitialized() {
    var bench = Bench()
    let enclave = bench.enclave()
    bench.machine.processor.suppliedVerdict = .success
    let outcome = bench.initialize(enclave)
    #expect(outcome == .success)
    let closed = bench.close(enclave)
    #expect(closed == .success)
    #expect(bench.freePages == 256)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test(arguments: LeafError.allCases.filter { $0 != .SGX_UNMASKED_EVENT }) func everyCodeIsEPERM(_ code: LeafError) {
    var bench = Bench()
    let enclave = bench.loaded()
    bench.machine.strike(.leafError(code), at: .leaf(.EINIT))
    let outcome = bench.initialize(enclave)
    #expect(outcome == .failure(.EPERM))
    #expect(bench.warnings.isEmpty)
    #expect(bench.machine.environment.visits(of: .leaf(.EINIT)) == 1)
  }

  @Test(arguments: [InjectedFault.pageFault, .generalProtection, .invalidOpcode]) func aFaultIsEIO(_ fault: InjectedFault) {
    var bench = Bench()
    let enclave = bench.loaded()
    bench.machine.strike(.leafFault(fault), at: .leaf(.EINIT), times: 2)
    let first = bench.initialize(enclave)
    let second = bench.initialize(enclave)
    let third = bench.initialize(enclave)
    #expect(first == .failure(.EIO))
    #expect(second == .failure(.EIO))
    #expect(third == .success)
    // Lost EPC is silent; anything else warns, once a boot.
    #expect(bench.warnings == (fault == .pageFault ? [] : [.EINIT]))
  }

  @Test func lostEPCIsEIOSilentAndRepeatable() {
    var bench = Bench()
    let enclave = bench.loaded()
    bench.machine.powerCycle(.s3)
    for _ in 0..<2 {
      let outcome = bench.initialize(enclave)
      #expect(outcome == .failure(.EIO))
    }
    bench.machine.processor.suppliedVerdict = .code(.SGX_INVALID_SIGNATURE)
    let badlySigned = bench.initialize(enclave)
    #expect(badlySigned == .failure(.EPERM))
    #expect(bench.warnings.isEmpty)
    let closed = bench.close(enclave)
    #expect(closed == .success)
    #expect(bench.freePages == 256)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func theReviewedDriverRemembersThatTheEPCIsGone() {
    var bench = Bench(driver: .reviewed)
    let enclave = bench.loaded()
    bench.machine.powerCycle(.s3)
    let first = bench.initialize(enclave)
    #expect(first == .failure(.EIO))
    let leaves = bench.machine.environment.visits(of: .leaf(.EINIT))
    // At once: not even the argument is read.
    let second = bench.initialize(enclave) { $0.argumentIsReadable = false }
    #expect(second == .failure(.EIO))
    #expect(bench.machine.environment.visits(of: .leaf(.EINIT)) == leaves)
  }
}
