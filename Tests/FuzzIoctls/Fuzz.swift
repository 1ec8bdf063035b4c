import Glibc
import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

// A target of libFuzzer: bytes in, a machine and calls of its process out, ioctls by bytes above all. Whatever they are, each is answered, and
// no law of the bench breaks. `Scripts/dev/fuzz ioctls` builds and runs it; it is no part of any other build.

/// Writes inputs that load an enclave into the folder of FUZZ_SEEDS, one for each driver, from which libFuzzer starts.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutableRawPointer) -> CInt {
  guard let folder = getenv("FUZZ_SEEDS") else { return 0 }
  for driver in DriverVersion.all.indices {
    let bytes = Seed.load(driver: UInt8(driver))
    guard let file = fopen(String(cString: folder) + "/load-\(driver)", "w") else { fatalError("a seed cannot be written") }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  var input = Input(UnsafeBufferPointer(start: bytes, count: count))
  var world = World(&input)
  var steps = 0
  while input.hasMore, steps < 64, world.machine.finding == nil {
    world.step(&input)
    steps += 1
    if case .bench(let law)? = world.machine.finding { fatalError("bench: \(law)") }
  }
  return 0
}

/// Bytes that are taken one after the other; zeros follow the last.
struct Input {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var hasMore: Bool { place < bytes.count }

  mutating func byte() -> UInt8 {
    guard hasMore else { return 0 }
    defer { place += 1 }
    return bytes[place]
  }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }
  mutating func word() -> UInt64 { bytes(8).enumerated().reduce(0) { $0 | UInt64($1.element) << ($1.offset * 8) } }
  mutating func choice<Element>(_ elements: [Element]) -> Element { elements[Int(byte()) % elements.count] }
}

/// A machine, and one process with 32 pages of memory at 0x10000.
struct World {
  var machine: Machine
  private let process: ProcessID
  static let memory = UserAddress(0x1_0000)
  private static let memoryLength = ByteCount(32 * pageSize)

  init(_ input: inout Input) {
    let driver = input.choice(DriverVersion.all)
    let options = input.byte()
    var configuration = MachineConfiguration(pageCount: options & 1 == 0 ? 64 : 24, driver: driver)
    configuration.processor = ProcessorProfile.named[Int(options >> 3) % ProcessorProfile.named.count]
    configuration.runsBackgroundReclaimer = options & 2 == 0
    configuration.checks = options & 4 == 0 ? .everyOperation : .everyStep
    machine = Machine(configuration)
    process = machine.makeProcess()
    machine.withProcess(process) {
      _ = $0.memory.map(at: Self.memory, length: Self.memoryLength, protection: [.read, .write, .execute])
      $0.signals.setDisposition(.handler(restarts: options & 0x40 != 0), of: SignalNumber(14)!)
    }
    _ = machine.call(.open(OpenCall(process: process)))
  }

  /// What comes next: an ioctl by bytes, something written to memory, or another call.
  mutating func step(_ input: inout Input) {
    guard machine.driver.processes[process.rawValue].isAlive else { return }
    let kind = input.byte()
    let descriptor = FileDescriptor(Int32(kind >> 5) + 2)
    switch kind & 15 {
    case 0...4:
      // A known command, of which a bit may be another.
      let flip = input.byte()
      let command = input.choice(EnclaveIoctl.allCases).rawValue ^ (flip == 0 ? 0 : 1 << UInt32(flip & 31))
      let length = input.byte()
      let argument = length == 0 ? nil : input.bytes(Int(min(length, 64)))
      let task = machine.call(.ioctl(command: command, argument: argument, descriptor: descriptor, process: process))
      precondition(task.outcome != nil, "each call is answered")
      if let back = task.call.report.argument { precondition(back.count == argument?.count, "as many bytes go back as came") }
    case 5...7:
      let offset = UInt64(input.byte()) << 4 | UInt64(input.byte()) << 9
      let bytes = input.bytes(Int(input.byte()))
      _ = machine.write(bytes, at: Self.memory.advanced(wrappingBy: min(offset, Self.memoryLength.rawValue - 256)), in: process)
    case 8 where kind & 16 != 0: sign(descriptor)
    case 8: _ = machine.call(.open(OpenCall(process: process)))
    case 9: _ = machine.openProvision(for: process)
    case 10: _ = machine.call(.close(CloseCall(process: process, descriptor: descriptor)))
    case 11:
      var request = MmapRequest(
        address: UserAddress(input.word()), length: ByteCount(input.word()), protection: PagePermissions(rawValue: input.byte() & 7))
      request.isShared = kind & 16 == 0
      _ = machine.call(.mmap(MmapCall(process: process, descriptor: descriptor, request: request)))
    case 12:
      let (address, length) = (UserAddress(input.word()), ByteCount(input.word()))
      let protection = PagePermissions(rawValue: input.byte() & 7)
      _ = machine.call(
        kind & 16 == 0
          ? .mprotect(MprotectCall(process: process, address: address, length: length, protection: protection))
          : .munmap(MunmapCall(process: process, address: address, length: length)))
    case 13:
      let access: AccessKind = input.choice([.read, .write, .execute])
      _ = machine.call(.access(AccessCall(process: process, address: UserAddress(input.word()), kind: access)))
    case 14: machine.powerCycle(input.choice(PowerCycleKind.allCases))
    default: inject(&input)
    }
  }

  /// A SIGSTRUCT for what the enclave measures now, at 0x18000: no input would come upon a signature by chance.
  private mutating func sign(_ descriptor: FileDescriptor) {
    guard let hash = machine.measurement(descriptor, in: process) else { return }
    var sigStruct = SigStruct()
    (sigStruct.attributes, sigStruct.xfrm, sigStruct.enclaveHash) = (.mode64Bit, .legacy, hash)
    sigStruct.sign(with: .test)
    _ = machine.write(sigStruct.bytes, at: Self.memory.advanced(wrappingBy: 0x8000), in: process)
  }

  /// Faults that may strike anywhere they can.
  private mutating func inject(_ input: inout Input) {
    let faults: [Injection] = [
      .noMemory, .badAddress, .signal(SignalNumber(14)!), .powerCycle(.s3), .leafFault(.pageFault), .leafFault(.generalProtection),
      .leafError(.SGX_UNMASKED_EVENT),
    ]
    let injection = input.choice(faults)
    let sites = Site.all.filter { SiteSet($0).mask.isSubset(of: injection.sites) }
    machine.inject(
      injection, at: InjectionTrigger(sites: SiteSet(input.choice(sites)), count: .nth(UInt64(1 + input.byte() & 7)), times: 1))
  }
}

/// An input that loads, initialises and maps an enclave.
enum Seed {
  private static func words(_ values: UInt64...) -> [UInt8] {
    values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
  }

  /// Writes at an offset that is a multiple of 512.
  private static func write(_ offset: UInt64, _ bytes: [UInt8]) -> [UInt8] { [5, 0, UInt8(offset >> 9), UInt8(bytes.count)] + bytes }
  /// An ioctl on the first descriptor.
  private static func ioctl(_ ioctl: EnclaveIoctl, _ argument: [UInt8]) -> [UInt8] {
    [0x20, 0, UInt8(EnclaveIoctl.allCases.firstIndex(of: ioctl)!), UInt8(argument.count)] + argument
  }

  static func load(driver: UInt8) -> [UInt8] {
    let base: UInt64 = 0x7000_0000
    let memory = World.memory.rawValue
    let pieces: [[UInt8]] = [
      [driver, 0], write(0, words(0x10000, base, 1, 0, 0, 0, 4, 3)), ioctl(.SGX_IOC_ENCLAVE_CREATE, words(memory)), write(0x1000, words(0x203)),
      [9], ioctl(.SGX_IOC_ENCLAVE_PROVISION, words(4)),
      ioctl(.SGX_IOC_ENCLAVE_ADD_PAGES, words(memory + 0x2000, 0, 0x4000, memory + 0x1000, 1, 0)),
      [0x38], ioctl(.SGX_IOC_ENCLAVE_INIT, words(memory + 0x8000)),
      // mmap, access, power cycle, access, close.
      [0x2b], words(base, 0x4000), [3, 13, 0], words(base), [14, 0, 13, 0], words(base), [0x2a],
    ]
    return pieces.flatMap { $0 }
  }
}
