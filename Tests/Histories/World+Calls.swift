import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

extension World {
  /// A call by chance; nil where nobody is alive to make it.
  mutating func randomCall(_ random: inout RandomStream, _ signer: inout Signer) -> Testbench.Operation? {
    func below(_ bound: UInt64) -> UInt64 { random.next(below: bound) }
    let alive = aliveProcesses
    guard !alive.isEmpty else { return nil }
    let process = alive[Int(below(UInt64(alive.count)))]
    let kind = below(100)
    if kind < 4 { return .open(OpenCall(process: process)) }
    if kind < 12 { return .reclaim(ReclaimCall(below(2) == 0 ? .batches(1 + below(3)) : .untilHighWatermark(batchesMax: 1 + below(64)))) }
    let mine = enclaves.suffix(8).filter { alive.contains($0.process) }
    guard let handle = mine.isEmpty ? nil : mine[Int(below(UInt64(mine.count)))] else { return .open(OpenCall(process: process)) }
    let place = enclaveRange(handle)
    let address = UserAddress(place.base &+ below(place.pages + 2) * pageSize)
    switch kind {
    case ..<36: return .access(AccessCall(process: handle.process, address: address, kind: [.read, .write, .execute][Int(below(3))], touches: below(4) > 0))
    case ..<44: return .mmap(mmap(handle, place, &random))
    case ..<47:
      return .mprotect(
        MprotectCall(
          process: handle.process, address: address, length: ByteCount((1 + below(4)) * pageSize), protection: permissions(&random),
          readImpliesExecute: below(8) == 0))
    case ..<50: return .munmap(MunmapCall(process: handle.process, address: address, length: ByteCount((1 + below(place.pages)) * pageSize)))
    case ..<53: return .close(CloseCall(process: handle.process, descriptor: handle.descriptor))
    case ..<60: return .create(CreateCall(process: handle.process, descriptor: handle.descriptor, request: create(handle, &random)))
    case ..<66: return .initialize(InitCall(process: handle.process, descriptor: handle.descriptor, request: initialize(handle, &random, &signer)))
    case ..<68: return .provision(ProvisionCall(process: handle.process, descriptor: handle.descriptor, request: provision(handle, &random)))
    case ..<70: return .unknownIoctl(UnknownIoctlCall(process: handle.process, descriptor: handle.descriptor, command: UInt32(truncatingIfNeeded: below(8) == 0 ? random.next() : 0x1234)))
    default: return .addPages(AddPagesCall(process: handle.process, descriptor: handle.descriptor, request: addPages(place, &random)))
    }
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
    let sizes: [UInt64] = [0x2000, 0x8000, 0x1_0000, 0x1_0000, 0x4_0000, 0x40_0000, 0x3000]
    var secs = SECS(size: sizes[Int(random.next(below: UInt64(sizes.count)))], baseAddress: LinearAddress(handle.base))
    switch random.next(below: 40) {
    case 0: secs.attributes = [.mode64Bit, .provisionKey]
    case 1: secs.attributes = [.mode64Bit, .debug]
    case 2: secs.ssaFrameSize = 0
    case 3: secs.xfrm = XFRM(rawValue: random.next(below: 256))
    case 4: secs.reservedBytesSet = [4000]
    case 5: secs.baseAddress = LinearAddress(handle.base + 0x1000)
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
    let first = kind < 6 ? 0 : below(place.pages + 2)
    // Now and then an enclave that needs a second version array.
    let count = kind == 15 && place.pages > 512 ? 520 + below(100) : kind < 6 ? 4 : below(24)
    var request = AddPagesRequest(
      source: UserAddress(Self.source.rawValue + below(200) * pageSize), enclaveOffset: EnclaveOffset(pageIndex: first),
      length: ByteCount(count * pageSize), secInfo: SecInfo(type: .reg, permissions: [.read, .write]))
    switch below(60) {
    case 0: request.secInfo = SecInfo(type: .tcs)
    case 1: request.secInfo = SecInfo(flags: random.next())
    case 2: request.flags = below(8)
    case 3: request.argument = below(2) == 0 ? .readOnly : .unreadable
    case 4: request.secInfoIsReadable = false
    case 5: request.length = ByteCount(random.next())
    case 6: request.enclaveOffset = EnclaveOffset(random.next())
    case 7: request.source = UserAddress(below(2) == 0 ? 0x8000_0000 : random.next())
    case 8...20: request.flags = 0
    case 21...30: request.secInfo = SecInfo(type: .reg, permissions: permissions(&random))
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
      protection: random.next(below: 2) == 0 ? .read : permissions(&random))
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
    guard random.next(below: 12) == 0 else { return sigStruct }
    sigStruct.sign(with: .test)
    signed[digest] = sigStruct
    return sigStruct
  }
}
