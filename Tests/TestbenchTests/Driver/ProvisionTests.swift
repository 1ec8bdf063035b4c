import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// SGX_IOC_ENCLAVE_PROVISION, `/dev/sgx_provision`, and descriptors in other hands.
@Suite("PROVISION") struct ProvisionTests {
  private func prepared(_ driver: DriverVersion = .v6_1_192) -> (bench: Bench, device: FileDescriptor) {
    var bench = Bench(driver: driver)
    let device = bench.provisionDevice()
    return (bench, device)
  }

  @Test func theRightIsAddedInEveryState() {
    var (bench, device) = prepared()
    let enclave = bench.open()
    for _ in 0..<2 {
      let empty = bench.provision(enclave, fd: device)
      #expect(empty == .success)
    }
    let other = bench.loaded()
    let created = bench.provision(other, fd: device)
    let initialized = bench.initialize(other)
    let late = bench.provision(other, fd: device)
    #expect(created == .success && initialized == .success && late == .success)
    #expect(bench.enclaveObject(other)?.attributesMask == [.debug, .mode64Bit, .kss, .provisionKey])
    #expect(bench.brokenLaws.isEmpty)
  }

  /// Mainline overwrites the mask at CREATE; v39 and the reviewed driver add to it.
  @Test(arguments: [("v39", true), ("5.11", false), ("6.1.192", false), ("7.2.13", false), ("reviewed", true)])
  func whetherItSurvivesCREATE(_ name: String, _ survives: Bool) throws {
    var (bench, device) = prepared(try #require(DriverVersion.named(name)))
    bench.machine.processor.suppliedVerdict = .success
    let enclave = bench.open()
    let provisioned = bench.provision(enclave, fd: device)
    let created = bench.create(enclave) { $0.secs.attributes = [.mode64Bit, .provisionKey] }
    #expect(provisioned == .success && created == .success)
    let outcome = bench.initialize(enclave)
    #expect(outcome == (survives ? .success : .failure(.EACCES)))
    guard !survives else { return }
    let again = bench.provision(enclave, fd: device)
    let second = bench.initialize(enclave)
    #expect(again == .success && second == .success)
  }

  @Test func whatIsNotTheDeviceIsEINVAL() {
    var (bench, device) = prepared()
    let enclave = bench.loaded()
    for fd in [0, 2, 99, -1, Int32.min, Int32.max, enclave.rawValue].map(FileDescriptor.init) {
      let outcome = bench.provision(enclave, fd: fd)
      #expect(outcome == .failure(.EINVAL), "descriptor \(fd.rawValue)")
    }
    let closed = bench.close(device)
    let afterwards = bench.provision(enclave, fd: device)
    #expect(closed == .success)
    #expect(afterwards == .failure(.EINVAL))
    #expect(bench.enclaveObject(enclave)?.attributesMask == [.debug, .mode64Bit, .kss])
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func onlyTheLow32BitsCount() {
    var (bench, device) = prepared()
    let enclave = bench.loaded()
    let outcome = bench.provision(enclave, fd: device) { $0.fd |= 0xdead_beef << 32 }
    #expect(outcome == .success)
  }

  @Test func theArgumentComesFirst() {
    var (bench, device) = prepared()
    let enclave = bench.loaded()
    let unreadable = bench.provision(enclave, fd: FileDescriptor(99)) { $0.argumentIsReadable = false }
    #expect(unreadable == .failure(.EFAULT))
    bench.machine.strike(.badAddress, at: .userCopy(.argument))
    let struck = bench.provision(enclave, fd: device)
    #expect(struck == .failure(.EFAULT))
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func theDeviceHasNoIoctlAndIsNoEnclave() {
    var (bench, device) = prepared()
    for command in EnclaveIoctl.allCases.map(\.rawValue) + [0x1234] {
      let outcome = bench.machine.call(bench.ioctlCall(device, command: command)).outcome
      #expect(outcome == .failure(.ENOTTY), "command \(command)")
    }
    for call in [bench.createCall(device), bench.addCall(device), bench.initCall(device), bench.provisionCall(device, fd: device)] {
      let outcome = bench.machine.call(call).outcome
      #expect(outcome == .failure(.ENOTTY), "\(call.name)")
    }
    #expect(bench.machine.driver.enclaves.isEmpty)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aCommandWithANullArgument() {
    var (bench, _) = prepared()
    let enclave = bench.open()
    func outcome(_ ioctl: EnclaveIoctl) -> CallOutcome? { bench.machine.call(bench.ioctlCall(enclave, command: ioctl.rawValue)).outcome }
    #expect(outcome(.SGX_IOC_ENCLAVE_INIT) == .failure(.EINVAL))
    #expect(outcome(.SGX_IOC_ENCLAVE_PROVISION) == .failure(.EFAULT))
    _ = bench.create(enclave)
    #expect(outcome(.SGX_IOC_ENCLAVE_INIT) == .failure(.EFAULT))
    #expect(bench.machine.finding == nil)
  }

  @Test func theProcessesHoldTheFileTogether() {
    var (bench, device) = prepared()
    let other = bench.machine.makeProcess()
    let copy = bench.machine.duplicate(device, in: bench.process)!
    let sent = bench.machine.duplicate(device, in: bench.process, for: other)!
    #expect(copy != device)
    #expect(bench.machine.driver.openFile(sent, of: other)?.descriptors == 3)
    for descriptor in [device, copy] {
      let closed = bench.close(descriptor)
      #expect(closed == .success)
    }
    #expect(bench.machine.driver.openFile(sent, of: other)?.device == .provision)
    let last = bench.machine.call(.close(CloseCall(process: other, descriptor: sent))).outcome
    #expect(last == .success)
    #expect(bench.machine.driver.files.allSatisfy { $0 == nil })
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func anEnclaveSentToAnotherProcessLivesUntilBothHaveClosedIt() {
    var (bench, _) = prepared()
    let enclave = bench.loaded()
    let other = bench.machine.makeProcess()
    let sent = bench.machine.duplicate(enclave, in: bench.process, for: other)!
    // The other's own device is as good; the descriptor is looked up in the caller.
    let device = bench.machine.openProvision(for: other)!
    let request = ProvisionRequest(fd: UInt64(device.rawValue))
    let provisioned = bench.machine.call(.provision(ProvisionCall(process: other, descriptor: sent, request: request))).outcome
    #expect(provisioned == .success)
    bench.machine.send(.kill, to: bench.process)
    #expect(bench.machine.driver.enclaves[0]?.state == .created)
    bench.machine.send(.kill, to: other)
    #expect(bench.machine.driver.enclaves[0] == nil)
    #expect(bench.freePages == 256)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aProcessHasOnlySoManyDescriptors() {
    var (bench, device) = prepared()
    let other = bench.machine.makeProcess()
    for _ in 3..<ResourceLimits().openFiles {
      let opened = bench.machine.openProvision(for: other)
      #expect(opened != nil)
    }
    let oneMore = bench.machine.openProvision(for: other)
    let sent = bench.machine.duplicate(device, in: bench.process, for: other)
    #expect(oneMore == nil)
    #expect(sent == nil)
    #expect(bench.machine.driver.openFile(device, of: bench.process)?.descriptors == 1)
  }

  /// The descriptor may be closed between the copy of the argument and the look at it.
  @Test func theDeviceClosedInMidCallIsEINVAL() {
    var (bench, device) = prepared()
    let enclave = bench.loaded()
    let call = bench.machine.begin(bench.provisionCall(enclave, fd: device))
    bench.machine.step(call)
    let closed = bench.close(device)
    #expect(closed == .success)
    while !bench.machine.isFinished(call) { bench.machine.step(call) }
    #expect(bench.machine.take(call).outcome == .failure(.EINVAL))
    #expect(bench.brokenLaws.isEmpty)
  }
}
