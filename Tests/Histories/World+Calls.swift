import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

extension World {
  /// A call by chance, mostly one that the enclave is ready for; nil where nobody is alive to make it.
  mutating func randomCall(_ random: inout RandomStream, _ signer: inout Signer) -> Testbench.Operation? {
    func below(_ bound: UInt64) -> UInt64 { random.next(below: bound) }
    let alive = aliveProcesses
    guard !alive.isEmpty else { return nil }
    let process = alive[Int(below(UInt64(alive.count)))]
    let mine = enclaves.filter { alive.contains($0.process) }
    let open = mine.filter { state(of: $0) != nil }
    if open.isEmpty || open.count < 5 && below(12) == 0 { return .open(OpenCall(process: process)) }
    // Once in a while one that is closed.
    let handles = below(40) == 0 ? mine : open
    let handle = handles[Int(below(UInt64(handles.count)))]
    let kind = below(100)
    if kind < 6 { return .reclaim(ReclaimCall(below(2) == 0 ? .batches(1 + below(3)) : .untilHighWatermark(batchesMax: 1 + below(64)))) }
    if kind < 8 { return close(handle) }
    if kind < 10 { return .unknownIoctl(UnknownIoctlCall(process: handle.process, descriptor: handle.descriptor, command: UInt32(truncatingIfNeeded: below(8) == 0 ? random.next() : 0x1234))) }
    if kind < 13 { return .provision(ProvisionCall(process: handle.process, descriptor: handle.descriptor, request: provision(handle, &random))) }
    let place = enclaveRange(handle)
    switch state(of: handle) {
    case .empty? where kind < 90:
      return .create(CreateCall(process: handle.process, descriptor: handle.descriptor, request: create(handle, &random)))
    case .created? where kind < 60:
      return .addPages(AddPagesCall(process: handle.process, descriptor: handle.descriptor, request: addPages(place, &random)))
    case .created? where kind < 74: return initialise(handle, &random, &signer)
    case .created? where kind < 84, .initialized? where kind < 30: return .mmap(mmap(handle, place, &random))
    case .initialized? where kind < 80:
      let isMapped = machine.driver.processes[handle.process.rawValue].memory.mapping(at: UserAddress(place.base)) != nil
      return isMapped || kind < 35 ? access(handle.process, near: place, &random) : .mmap(mmap(handle, place, &random))
    case .dead? where kind < 70: return close(handle)
    case .empty?, .created?, .initialized?, .dead?, nil: break
    }
    let address = UserAddress(place.base &+ below(place.pages + 2) * pageSize)
    switch below(8) {
    case 0: return access(handle.process, near: place, &random)
    case 1: return .mmap(mmap(handle, place, &random))
    case 2:
      return .mprotect(
        MprotectCall(
          process: handle.process, address: address, length: ByteCount((1 + below(4)) * pageSize), protection: permissions(&random),
          readImpliesExecute: below(8) == 0))
    case 3: return .munmap(MunmapCall(process: handle.process, address: address, length: ByteCount((1 + below(place.pages)) * pageSize)))
    case 4: return .create(CreateCall(process: handle.process, descriptor: handle.descriptor, request: create(handle, &random)))
    case 5: return initialise(handle, &random, &signer)
    case 6: return .addPages(AddPagesCall(process: handle.process, descriptor: handle.descriptor, request: addPages(place, &random)))
    default: return .open(OpenCall(process: process))
    }
  }

  /// nil where the descriptor is closed.
  private func state(of handle: Handle) -> EnclaveState? {
    machine.driver.enclaveID(of: handle.descriptor, in: handle.process).map { machine.driver[$0].state }
  }

  private func close(_ handle: Handle) -> Testbench.Operation { .close(CloseCall(process: handle.process, descriptor: handle.descriptor)) }

  private func initialise(_ handle: Handle, _ random: inout RandomStream, _ signer: inout Signer) -> Testbench.Operation {
    .initialize(InitCall(process: handle.process, descriptor: handle.descriptor, request: initialize(handle, &random, &signer)))
  }

  /// An access of a page that is mapped, where there is one.
  private func access(
    _ process: ProcessID, near place: (base: UInt64, pages: UInt64), _ random: inout RandomStream
  ) -> Testbench.Operation {
    let kinds: [AccessKind] = [.read, .read, .read, .write, .execute]
    let page = random.next(below: random.next(below: 3) == 0 ? place.pages + 2 : min(6, place.pages))
    return .access(
      AccessCall(
        process: process, address: UserAddress(place.base &+ page * pageSize), kind: kinds[Int(random.next(below: 5))],
        touches: random.next(below: 4) > 0))
  }

  /// Where an enclave lies, or is to lie, and how many pages it spans.
  private func enclaveRange(_ handle: Handle) -> (base: UInt64, pages: UInt64) {
    guard let enclave = machine.driver.enclaveID(of: handle.descriptor, in: handle.process), let created = machine.driver[enclave].created else {
      return (handle.base, 16)
    }
    return (created.baseAddress.rawValue, created.size / pageSize)
  }

  private func permissions(_ random: inout RandomStream) -> PagePermissions {
    PagePermissions(rawValue: UInt8(random.next(below: 8)))
  }

  private func create(_ handle: Handle, _ random: inout RandomStream) -> CreateRequest {
    let sizes: [UInt64] = [0x2000, 0x8000, 0x1_0000, 0x1_0000, 0x4_0000, 0x40_0000, 0x40_0000]
    var secs = SECS(size: sizes[Int(random.next(below: UInt64(sizes.count)))], baseAddress: LinearAddress(handle.base))
    switch random.next(below: 80) {
    case 0: secs.attributes = [.mode64Bit, .provisionKey]
    case 1: secs.attributes = [.mode64Bit, .debug]
    case 2: secs.ssaFrameSize = 0
    case 3: secs.xfrm = XFRM(rawValue: random.next(below: 256))
    case 4: secs.reservedBytesSet = [4000]
    case 5: secs.baseAddress = LinearAddress(handle.base + 0x1000)
    case 6: secs.size = 0x3000
    default: break
    }
    var request = CreateRequest(secs: secs)
    request.argumentIsReadable = random.next(below: 100) > 0
    request.secsIsReadable = random.next(below: 100) > 0
    return request
  }

  private func addPages(_ place: (base: UInt64, pages: UInt64), _ random: inout RandomStream) -> AddPagesRequest {
    func below(_ bound: UInt64) -> UInt64 { random.next(below: bound) }
    let kind = below(16)
    // Often the same pages first, so that measurements are met again and their signatures are at hand.
    let first = kind < 6 ? 0 : below(20) == 0 ? place.pages : below(place.pages)
    // Now and then an enclave that needs a second version array.
    let isLarge = kind > 13 && place.pages > 512
    let count = isLarge ? 520 + below(100) : kind < 6 ? min(4, place.pages) : 1 + below(min(24, place.pages - min(first, place.pages - 1)))
    var request = AddPagesRequest(
      source: UserAddress(Self.source.rawValue + below(200) * pageSize), enclaveOffset: EnclaveOffset(pageIndex: isLarge ? below(100) : first),
      length: ByteCount(count * pageSize), secInfo: SecInfo(type: .reg, permissions: [.read, .write, .execute]))
    switch below(120) {
    case 0: request.secInfo = SecInfo(type: .tcs)
    case 1: request.secInfo = SecInfo(flags: random.next())
    case 2: request.flags = below(8)
    case 3: request.argument = below(2) == 0 ? .readOnly : .unreadable
    case 4: request.secInfoIsReadable = false
    case 5: request.length = ByteCount(random.next())
    case 6: request.enclaveOffset = EnclaveOffset(random.next())
    case 7: request.source = UserAddress(below(2) == 0 ? 0x8000_0000 : random.next())
    case 8...30: request.flags = 0
    case 31...40: request.secInfo = SecInfo(type: .reg, permissions: permissions(&random))
    default: break
    }
    return request
  }

  private func initialize(_ handle: Handle, _ random: inout RandomStream, _ signer: inout Signer) -> InitRequest {
    let digest = machine.measurement(handle.descriptor, in: handle.process)
    var request = InitRequest(sigStruct: signer.sigStruct(for: digest, &random))
    if random.next(below: 60) == 0 { request.sigStruct = SigStruct() }
    request.argumentIsReadable = random.next(below: 100) > 0
    request.sigStructIsReadable = random.next(below: 100) > 0
    return request
  }

  private func provision(_ handle: Handle, _ random: inout RandomStream) -> ProvisionRequest {
    let device = devices.first { $0.process == handle.process }
    var request = ProvisionRequest(fd: random.next(below: 3) == 0 ? random.next() : UInt64(UInt32(bitPattern: device?.descriptor.rawValue ?? 99)))
    request.argumentIsReadable = random.next(below: 50) > 0
    return request
  }

  private func mmap(_ handle: Handle, _ place: (base: UInt64, pages: UInt64), _ random: inout RandomStream) -> MmapCall {
    let isWhole = random.next(below: 3) > 0
    let first = isWhole ? 0 : random.next(below: place.pages)
    let pages = isWhole ? place.pages : 1 + random.next(below: place.pages - first)
    var request = MmapRequest(
      address: random.next(below: 30) == 0 ? nil : UserAddress(place.base + first * pageSize), length: ByteCount(pages * pageSize),
      protection: random.next(below: 3) > 0 ? .read : permissions(&random))
    request.isShared = random.next(below: 40) > 0
    request.readImpliesExecute = random.next(below: 20) == 0
    return MmapCall(process: handle.process, descriptor: handle.descriptor, request: request)
  }
}

/// Signs measurements, and remembers them: a signature takes as long as a hundred calls.
struct Signer {
  private var signed: [Digest: SigStruct] = [:]

  mutating func sigStruct(for digest: Digest?, _ random: inout RandomStream) -> SigStruct {
    guard let digest else { return SigStruct() }
    if let known = signed[digest] { return known }
    var sigStruct = SigStruct()
    sigStruct.enclaveHash = digest
    sigStruct.attributes = .mode64Bit
    sigStruct.attributeMask = .mode64Bit
    sigStruct.xfrm = .legacy
    // One that is seen once is mostly not seen again.
    guard random.next(below: 6) == 0 || signed.isEmpty else { return sigStruct }
    sigStruct.sign(with: .test)
    signed[digest] = sigStruct
    return sigStruct
  }
}
