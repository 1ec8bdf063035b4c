import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// What is not built answers where Linux answers without it, and ends the run where there would be something to do.
@Suite("Calls that are not built") struct NotModelledTests {
  static let notBuilt = EnclaveIoctl.allCases.filter { !$0.isBuilt }

  private func outcome(
    _ ioctl: EnclaveIoctl, readable: Bool, initialised: Bool = true, driver: DriverVersion = .v6_1_192, processor: ProcessorProfile = .server
  ) -> (CallOutcome?, Finding?) {
    var bench = Bench(driver: driver, processor: processor)
    let enclave = bench.loaded()
    if initialised {
      let done = bench.initialize(enclave)
      precondition(done == .success)
    }
    let call = UnknownIoctlCall(process: bench.process, descriptor: enclave, command: ioctl.rawValue, argumentIsReadable: readable)
    return (bench.machine.call(.unknownIoctl(call)).outcome, bench.machine.finding)
  }

  @Test func theThreeOfSGX2AreNotBuilt() {
    #expect(Self.notBuilt == [.SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, .SGX_IOC_ENCLAVE_MODIFY_TYPES, .SGX_IOC_ENCLAVE_REMOVE_PAGES])
  }

  @Test(arguments: notBuilt) func anArgumentThatCanBeReadEndsTheRun(_ ioctl: EnclaveIoctl) {
    let (answer, finding) = outcome(ioctl, readable: true)
    #expect(answer == .stopped(.notModelled(ioctl)))
    #expect(finding == .notModelled(ioctl))
  }

  @Test(arguments: notBuilt) func withoutOneItAnswersAsLinux(_ ioctl: EnclaveIoctl) {
    #expect(outcome(ioctl, readable: false) == (.failure(.EFAULT), nil))
  }

  @Test(arguments: notBuilt, [true, false]) func whatIsAskedBeforeTheArgumentIsAnswered(_ ioctl: EnclaveIoctl, readable: Bool) {
    #expect(outcome(ioctl, readable: readable, initialised: false) == (.failure(.EINVAL), nil))
    #expect(outcome(ioctl, readable: readable, driver: DriverVersion.named("5.11")!) == (.failure(.ENOTTY), nil))
    #expect(outcome(ioctl, readable: readable, processor: .client) == (.failure(.ENODEV), nil))
  }

  /// A call that is built has a type of its own; by its word alone nobody knows what its argument says.
  @Test func aKnownWordWithAnArgumentOfUnknownBytesEndsTheRunToo() {
    var bench = Bench()
    let enclave = bench.open()
    let word = EnclaveIoctl.SGX_IOC_ENCLAVE_CREATE
    let call = UnknownIoctlCall(process: bench.process, descriptor: enclave, command: word.rawValue, argumentIsReadable: true)
    #expect(bench.machine.call(.unknownIoctl(call)).outcome == .stopped(.notModelled(word)))
  }
}
