import Crypto
import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// The contents of an enclave of `pages` pages, and machines made ready for them so that only the load itself is timed.
struct Load: Sendable {
  let pages: Int
  let image: ContentBlock

  init(pages: Int) {
    self.pages = pages
    image = ContentBlock(count: pages * Int(pageSize)) { memory in
      var stream = RandomStream(seed: 7, purpose: .script)
      for word in memory.bindMemory(to: UInt64.self).indices {
        memory.storeBytes(of: stream.next(), toByteOffset: word * 8, as: UInt64.self)
      }
    }
  }

  /// Bytes that the measurement hashes for one page: 17 records and the page itself.
  static let recordSize = 64 + extendChunksPerPage * 320

  /// All records of the measurement in one buffer, as the limit hashes them.
  var records: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(pages * Self.recordSize)
    for page in 0..<pages {
      bytes += [UInt8](repeating: 0, count: 64)
      for chunk in 0..<extendChunksPerPage {
        bytes += [UInt8](repeating: 0, count: 64)
        let start = image.base + page * Int(pageSize) + chunk * Int(extendChunkSize)
        bytes += UnsafeRawBufferPointer(start: start, count: Int(extendChunkSize))
      }
    }
    return bytes
  }

  static let secInfo = SecInfo(type: .reg, permissions: [.read, .execute])

  /// A machine with an enclave created and the source mapped; nothing is checked while it runs.
  func prepared(zeroSource: Bool = false, consultsPlan: Bool = true, spareFrames: Int = 4096) -> Prepared {
    var configuration = MachineConfiguration(pageCount: UInt32(pages + pages / 512 + spareFrames))
    configuration.checks = .never
    configuration.consultsPlan = consultsPlan
    return Prepared(configuration, pages: pages, contents: zeroSource ? .fill(0) : .block(image))
  }
}

/// A created enclave, ready for ADD_PAGES.
struct Prepared {
  var machine: Machine
  let process: ProcessID
  let descriptor: FileDescriptor
  let source: UserAddress
  let pages: Int

  init(_ configuration: MachineConfiguration, pages: Int, contents: Mapping.Contents, enclaveSize: UInt64? = nil) {
    machine = Machine(configuration)
    self.pages = pages
    process = machine.makeProcess()
    let length = ByteCount(UInt64(pages) * pageSize)
    source = machine.withProcess(process) {
      $0.memory.map(at: nil, length: length, protection: [.read, .execute], contents: contents)
    }
    guard case .open(let open) = machine.call(.open(OpenCall(process: process))).call else { fatalError("open") }
    descriptor = open.descriptor!
    let size = enclaveSize ?? (UInt64(pages) * pageSize).nextPowerOfTwo
    let secs = SECS(size: size, baseAddress: LinearAddress(0))
    let create = machine.call(.create(CreateCall(process: process, descriptor: descriptor, request: CreateRequest(secs: secs))))
    precondition(create.outcome == .success, "the benchmark's enclave is created")
  }

  func request(firstPage: UInt64 = 0, pages: UInt64, measured: Bool) -> Operation {
    .addPages(
      AddPagesCall(
        process: process, descriptor: descriptor,
        request: AddPagesRequest(
          source: source.advanced(wrappingBy: 0), enclaveOffset: EnclaveOffset(pageIndex: firstPage),
          length: ByteCount(pages * pageSize), secInfo: Load.secInfo, flags: measured ? 1 : 0)))
  }

  /// One ADD_PAGES for everything.
  mutating func load(measured: Bool) {
    let task = machine.call(request(pages: UInt64(pages), measured: measured))
    precondition(task.outcome == .success, "the benchmark's enclave is loaded")
  }
}

extension UInt64 {
  var nextPowerOfTwo: UInt64 { self <= 1 ? 1 : 1 << UInt64(64 - (self - 1).leadingZeroBitCount) }
}

/// The limit of every ratio: one call of SHA-256 over all records.
func hashAtOnce(_ bytes: [UInt8]) {
  var hash = SHA256()
  bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
  blackHole(hash.finalize())
}

@inline(never) func blackHole<Value>(_ value: Value) {}
