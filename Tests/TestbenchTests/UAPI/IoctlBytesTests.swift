import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// ioctl(2) by bytes is the named call, and nothing else.
@Suite("ioctl by bytes") struct IoctlBytesTests {
  private static let secs = UserAddress(0x1000_0000)
  private static let secInfo = UserAddress(0x2000_0100)
  private static let sigStruct = UserAddress(0x3000_0010)

  private static func words(_ values: UInt64...) -> [UInt8] {
    values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
  }

  private static func addPages(
    source: UserAddress, offset: UInt64 = 0, length: UInt64 = pageSize, secInfo: UserAddress = secInfo, flags: UInt64 = 1, count: UInt64 = 77
  ) -> [UInt8] {
    words(source.rawValue, offset, length, secInfo.rawValue, flags, count)
  }

  /// A machine whose process has the structs in its memory.
  private func prepared() -> Bench {
    var bench = Bench()
    bench.machine.processor.suppliedVerdict = .success
    bench.machine.withProcess(bench.process) { process in
      let secs = SECS(size: 0x40_0000, baseAddress: LinearAddress(Bench.base))
      for (address, bytes) in [
        (Self.secs, secs.image), (Self.secInfo, Self.words(0x203, 0, 0, 0, 0, 0, 0, 0)), (Self.sigStruct, SigStruct().bytes),
      ] {
        let page = UserAddress(address.rawValue & ~(pageSize - 1))
        _ = process.memory.map(at: page, length: ByteCount(2 * pageSize), protection: [.read, .write])
        let written = process.memory.write(bytes, at: address)
        precondition(written)
      }
    }
    return bench
  }

  private func ioctl(_ bench: inout Bench, _ fd: FileDescriptor, _ command: UInt32, _ argument: [UInt8]?) -> Testbench.Task {
    bench.machine.call(.ioctl(command: command, argument: argument, descriptor: fd, process: bench.process))
  }

  private func ioctl(_ bench: inout Bench, _ fd: FileDescriptor, _ command: EnclaveIoctl, _ argument: [UInt8]?) -> Testbench.Task {
    ioctl(&bench, fd, command.rawValue, argument)
  }

  @Test func anEnclaveIsLoadedByBytesAsByTheNamedCalls() {
    var (bytes, named) = (prepared(), prepared())
    let (fd, other) = (bytes.open(), named.open())
    let (device, itsDevice) = (bytes.provisionDevice(), named.provisionDevice())
    let created = ioctl(&bytes, fd, .SGX_IOC_ENCLAVE_CREATE, Self.words(Self.secs.rawValue))
    #expect(created.outcome == named.create(other))
    let provisioned = ioctl(&bytes, fd, .SGX_IOC_ENCLAVE_PROVISION, Self.words(UInt64(device.rawValue)))
    #expect(provisioned.outcome == named.provision(other, fd: itsDevice))
    let added = ioctl(&bytes, fd, .SGX_IOC_ENCLAVE_ADD_PAGES, Self.addPages(source: bytes.source, length: 3 * pageSize))
    #expect(Answer(added) == named.add(other, count: 3))
    #expect(added.call.report.argument == Self.addPages(source: bytes.source, length: 3 * pageSize, count: 3 * pageSize))
    #expect(bytes.machine.logicalState == named.machine.logicalState)
    let initialised = ioctl(&bytes, fd, .SGX_IOC_ENCLAVE_INIT, Self.words(Self.sigStruct.rawValue))
    #expect(initialised.outcome == named.initialize(other))
    #expect(initialised.outcome == .success)
    #expect(bytes.machine.logicalState == named.machine.logicalState)
  }

  /// The whole word counts: another size, direction or number is another command.
  @Test(arguments: EnclaveIoctl.allCases) func anotherSizeIsAnotherCommand(_ ioctl: EnclaveIoctl) {
    var bench = prepared()
    let fd = bench.open()
    for command in [ioctl.rawValue ^ 0x1_0000, ioctl.rawValue ^ 0x4000_0000, ioctl.rawValue ^ 0x20, ioctl.rawValue & 0xffff] {
      let answer = self.ioctl(&bench, fd, command, [UInt8](repeating: 0, count: 256)).outcome
      #expect(answer == .failure(.ENOTTY), "\(String(command, radix: 16))")
    }
  }

  @Test func aStructThatEndsTooEarlyIsEFAULTWhereItIsCopied() {
    var bench = prepared()
    let fd = bench.open()
    let early = ioctl(&bench, fd, .SGX_IOC_ENCLAVE_ADD_PAGES, Array(Self.addPages(source: bench.source).dropLast()))
    #expect(early.outcome == .failure(.EINVAL), "the state is looked at first")
    let short = ioctl(&bench, fd, .SGX_IOC_ENCLAVE_CREATE, Array(Self.words(Self.secs.rawValue).dropLast()))
    #expect(short.outcome == .failure(.EFAULT))
    let created = ioctl(&bench, fd, .SGX_IOC_ENCLAVE_CREATE, Self.words(Self.secs.rawValue) + [1, 2, 3])
    #expect(created.outcome == .success, "what stands behind the struct is not looked at")
    let add = ioctl(&bench, fd, .SGX_IOC_ENCLAVE_ADD_PAGES, Array(Self.addPages(source: bench.source).dropLast()))
    #expect(add.outcome == .failure(.EFAULT))
    #expect(add.call.report.argument == nil)
  }

  /// Pointers lead into the memory of the process, as it is when the kernel reads it.
  @Test func pointersThatLeadNowhereAreEFAULT() {
    var bench = prepared()
    let fd = bench.open()
    for address in [UInt64(0), 0x1_0000, Self.secs.rawValue + 2 * pageSize - 100, AddressSpace.end.rawValue, .max] {
      let answer = ioctl(&bench, fd, .SGX_IOC_ENCLAVE_CREATE, Self.words(address)).outcome
      #expect(answer == .failure(.EFAULT), "\(address)")
    }
    let created = bench.create(fd)
    #expect(created == .success)
    let add = ioctl(&bench, fd, .SGX_IOC_ENCLAVE_ADD_PAGES, Self.addPages(source: bench.source, secInfo: UserAddress(8)))
    #expect(add.outcome == .failure(.EFAULT))
    bench.machine.withProcess(bench.process) { $0.memory.protect(UserAddress(0x3000_0000), ByteCount(pageSize), as: []) }
    let initialised = ioctl(&bench, fd, .SGX_IOC_ENCLAVE_INIT, Self.words(Self.sigStruct.rawValue))
    #expect(initialised.outcome == .failure(.EFAULT))
  }

  /// What the structs hold reaches the checks: a reserved byte of SECINFO, an odd offset, a flag.
  @Test func everyFieldIsRead() {
    var bench = prepared()
    let fd = bench.open()
    let created = ioctl(&bench, fd, .SGX_IOC_ENCLAVE_CREATE, Self.words(Self.secs.rawValue))
    #expect(created.outcome == .success)
    let source = bench.source
    for argument in [
      Self.addPages(source: UserAddress(source.rawValue + 1)), Self.addPages(source: source, offset: 1),
      Self.addPages(source: source, length: 1), Self.addPages(source: source, offset: 0x40_0000),
    ] {
      let answer = ioctl(&bench, fd, .SGX_IOC_ENCLAVE_ADD_PAGES, argument)
      #expect(answer.outcome == .failure(.EINVAL))
      #expect(answer.call.report.argument == nil)
    }
    _ = bench.machine.write([1], at: UserAddress(Self.secInfo.rawValue + 63), in: bench.process)
    let reserved = ioctl(&bench, fd, .SGX_IOC_ENCLAVE_ADD_PAGES, Self.addPages(source: source))
    #expect(reserved.outcome == .failure(.EINVAL))
    _ = bench.machine.write([0], at: UserAddress(Self.secInfo.rawValue + 63), in: bench.process)
    let added = ioctl(&bench, fd, .SGX_IOC_ENCLAVE_ADD_PAGES, Self.addPages(source: source, flags: 0))
    #expect(added.outcome == .success)
    #expect(bench.machine.environment.visits(of: .leaf(.EEXTEND)) == 0)
  }

  /// A restart reads the structs anew.
  @Test func aRestartReadsTheStructsAnew() {
    var bench = prepared()
    let fd = bench.open()
    let created = bench.create(fd)
    #expect(created == .success)
    let call = Operation.ioctl(
      command: EnclaveIoctl.SGX_IOC_ENCLAVE_ADD_PAGES.rawValue, argument: Self.addPages(source: bench.source), descriptor: fd,
      process: bench.process)
    let first = bench.machine.call(call)
    #expect(first.outcome == .success)
    bench.machine.withProcess(bench.process) { $0.memory.unmap(UserAddress(0x2000_0000), ByteCount(2 * pageSize)) }
    let again = bench.machine.call(first.call.restarted)
    #expect(again.outcome == .failure(.EFAULT))
  }

  /// Whatever bytes come: an answer or a finding, and the laws hold.
  @Test(arguments: 0..<20 as Range<UInt64>) func anyBytesAreAnswered(_ seed: UInt64) {
    var bench = prepared()
    var random = RandomStream(seed: seed, purpose: .faults)
    let fd = bench.open()
    let interesting: [UInt64] = [
      0, 1, 0xfff, pageSize, 3 * pageSize, Self.secs.rawValue, Self.secInfo.rawValue, Self.sigStruct.rawValue, bench.source.rawValue,
      Bench.base, 0x40_0000, 0x7fff_ffff_f000, .max, 1 << 63, UInt64(bitPattern: -4096),
    ]
    for _ in 0..<60 where bench.machine.finding == nil {
      let ioctl = EnclaveIoctl.allCases[Int(random.next(below: 4))]
      var argument: [UInt8] = []
      for _ in 0..<6 {
        let value = interesting[Int(random.next(below: UInt64(interesting.count)))]
        argument += Self.words(random.next(below: 8) == 0 ? value &+ random.next(below: 4096) : value)
      }
      let length = random.next(below: 6) == 0 ? random.next(below: 48) : 48
      let task = self.ioctl(&bench, fd, ioctl, Array(argument.prefix(Int(length))))
      #expect(task.outcome != nil)
      if let back = task.call.report.argument { #expect(Array(back.prefix(40)) == Array(argument.prefix(40))) }
    }
    #expect(bench.brokenLaws.isEmpty)
  }
}
