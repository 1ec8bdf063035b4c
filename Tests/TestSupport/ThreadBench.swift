import SGXArchitecture
import SGXProcessor
import Simulation

/// An initialised enclave and a thread that may enter it.
///
/// | page | at | what |
/// |---|---|---|
/// | 0 | | SECS; pages of 64 KiB from `Bench.base` on |
/// | 1 | 1000h | TCS with OSSA 2000h, NSSA 2, OENTRY 7000h |
/// | 2 to 5 | 2000h | two frames of two pages each |
/// | 6 | 6000h | RW |
/// | 7 | 7000h | RX |
/// | 8 | 8000h | shadow-stack state, on a processor with CET; RW on others |
/// | 9 | 9000h | RW by EAUG, not accepted, on a processor with SGX2 |
/// | 10 | a000h | RW |
/// | 11, 12 | | another enclave with a page of its own |
public struct ThreadBench: Sendable {
  public var bench: Bench
  public var cpu: LogicalProcessor
  public var tables = PageTable()

  public static let aep = LinearAddress(0x40_0000)
  public static let tcs = address(0x1000)

  public static func address(_ offset: UInt64) -> LinearAddress { LinearAddress(Bench.base.rawValue + offset) }

  public init(
    _ profile: ProcessorProfile = .server, attributes: AttributeFlags = .mode64Bit, tcsFlags: UInt64 = 0,
    change: (inout SigStruct) -> Void = { _ in }
  ) {
    bench = Bench(profile, pageCount: 16)
    cpu = LogicalProcessor(profile)
    var secs = SECS(
      size: 0x10000, baseAddress: Bench.base, ssaFrameSize: 2, miscSelect: profile.miscSelect, attributes: attributes, xfrm: .legacy)
    if profile.hasCET {
      secs.attributes.insert(.cet)
      secs.cetAttributes = 1
    }
    if attributes.contains(.kss) { secs.configSVN = 5 }
    expect(bench.create(secs, at: 0))
    addPages(profile, tcsFlags: tcsFlags)
    expect(bench.create(SECS(size: 0x10000, baseAddress: Bench.base), at: 11))
    expect(bench.add(at: 0x6000, in: 12, of: 11))
    initialize(attributes: attributes, change)
    if profile.hasSGX2 { expect(bench.augment(at: 0x9000, in: 9, of: 0)) }
    for page: UInt32 in 1...10 { map(page) }
    cpu.registers[.rsp] = 0x7fff_0000
    cpu.registers[.rbp] = 0x7fff_0100
    cpu.registers.rip = 0x40_1000
    cpu.registers.fsBase = 0x5000
    cpu.registers.gsBase = 0x6000
  }

  private mutating func addPages(_ profile: ProcessorProfile, tcsFlags: UInt64) {
    var tcs = TCS.image(ossa: 0x2000, nssa: 2, oentry: 0x7000, flags: tcsFlags)
    if profile.hasCET { tcs.store(UInt64(0x8000), at: TCS.ocetSSA) }
    expect(bench.add(PageContents(tcs), SecInfo(type: .tcs), at: 0x1000, in: 1, of: 0))
    for page: UInt32 in 2...6 { expect(bench.add(at: UInt64(page) * 0x1000, in: page, of: 0)) }
    expect(bench.add(.fill(0x90), SecInfo(type: .reg, permissions: [.read, .execute]), at: 0x7000, in: 7, of: 0))
    expect(
      bench.add(
        .zero, SecInfo(type: profile.hasCET ? .ssRest : .reg, permissions: [.read, .write]), at: 0x8000, in: 8, of: 0))
    expect(bench.add(.fill(0xab), at: 0xa000, in: 10, of: 0))
  }

  private mutating func initialize(attributes: AttributeFlags, _ change: (inout SigStruct) -> Void) {
    var sigStruct = SigStruct()
    sigStruct.enclaveHash = bench.record(0).measurement.digest
    sigStruct.isvProdID = 1
    sigStruct.isvSVN = 2
    change(&sigStruct)
    sigStruct.sign(with: .test)
    if bench.processor.writeLaunchKeyHash(sigStruct.signer) != nil { preconditionFailure("every profile here has launch control") }
    expect(bench.run(EINIT(sigStruct: sigStruct, secs: bench.address(0))))
  }

  private func expect(_ outcome: LeafOutcome) {
    if !outcome.isDone { preconditionFailure("the bench is built of good parts: \(outcome)") }
  }

  /// The kernel puts the page where the enclave has it, with all rights.
  public mutating func map(_ page: UInt32, _ rights: PagePermissions = [.read, .write, .execute]) {
    tables[Self.address(UInt64(page) * 0x1000)] = .epc(PhysPageNumber(page), rights)
  }

  public mutating func run<L: ThreadLeaf>(_ leaf: L) -> LeafOutcome {
    bench.processor.execute(leaf, by: &cpu, through: tables, in: &bench.environment)
  }

  public mutating func enter() -> LeafOutcome { run(EENTER(tcs: Self.tcs, aep: Self.aep)) }
  public mutating func resume() -> LeafOutcome { run(ERESUME(tcs: Self.tcs, aep: Self.aep)) }

  public mutating func exit(by event: AsynchronousEvent) -> ThreadException? {
    bench.processor.asynchronousExit(&cpu, by: event, in: &bench.environment)
  }

  public mutating func store(_ bytes: [UInt8], at offset: UInt64) -> MemoryRefusal? {
    bench.processor.store(bytes, at: Self.address(offset), by: &cpu, through: tables)
  }

  public mutating func load(_ count: Int, at offset: UInt64) -> Result<[UInt8], MemoryRefusal> {
    bench.processor.load(count, at: Self.address(offset), by: &cpu, through: tables)
  }

  /// A SECINFO in the RW page.
  public mutating func storeSecInfo(_ flags: UInt64, at offset: UInt64 = 0x6000) -> MemoryRefusal? {
    var bytes = [UInt8](repeating: 0, count: 64)
    bytes.store(flags, at: 0)
    return store(bytes, at: offset)
  }

  /// A field of the TCS, as its page has it.
  public func tcs(_ field: TCS.Field) -> UInt64 {
    let bytes = bench.bytes(1)
    return field.size == 4 ? UInt64(bytes.load(UInt32.self, at: field.offset)) : bytes.load(UInt64.self, at: field.offset)
  }

  /// Eight bytes of GPRSGX of frame 0 or 1.
  public func gpr(_ offset: Int, frame: UInt32 = 0) -> UInt64 { bench.bytes(3 + 2 * frame).load(UInt64.self, at: SSAFrame.gprOffset + offset) }
}
