import SGXArchitecture
import SGXProcessor
import Simulation

/// A processor with its environment, driven by page numbers as a loader would drive it. The test says which page is which.
public struct Bench: Sendable {
  public var processor: Processor
  public var environment = Environment(seed: 1)

  /// A base that suits every size a test uses.
  public static let base = LinearAddress(0x7000_0000_0000)

  public init(_ profile: ProcessorProfile = .server, pageCount: UInt32 = 8) {
    processor = Processor(profile: profile, pageCount: pageCount)
  }

  public mutating func create(_ source: SECS = SECS(size: 0x8000, baseAddress: Bench.base), at page: UInt32) -> LeafOutcome {
    run(ECREATE(source: source, target: address(page)))
  }

  public mutating func add(
    _ contents: PageContents = .zero, _ secInfo: SecInfo = SecInfo(type: .reg, permissions: [.read, .write]),
    at offset: UInt64, in page: UInt32, of secs: UInt32
  ) -> LeafOutcome {
    let base = entry(secs).state == .secs ? record(secs).baseAddress : Bench.base
    let linearAddress = LinearAddress(base.rawValue &+ offset)
    let pageInfo = PageInfo(linearAddress: linearAddress, secInfo: secInfo, secs: address(secs))
    return run(EADD(pageInfo: pageInfo, source: contents, target: address(page)))
  }

  public mutating func extend(_ page: UInt32, chunk: Int = 0, of secs: UInt32) -> LeafOutcome {
    let chunkAddress = EPCAddress(address(page).rawValue + UInt64(chunk) * extendChunkSize)
    return run(EEXTEND(secs: address(secs), chunk: chunkAddress))
  }

  public mutating func remove(_ page: UInt32) -> LeafOutcome { run(EREMOVE(target: address(page))) }

  public mutating func makeVersionArray(_ page: UInt32) -> LeafOutcome { run(EPA(target: address(page))) }

  public mutating func run<L: Leaf>(_ leaf: L) -> LeafOutcome { processor.execute(leaf, in: &environment) }

  public func address(_ page: UInt32) -> EPCAddress { EPC.address(of: PhysPageNumber(page)) }
  public func entry(_ page: UInt32) -> EPCMEntry { processor.epcm[page] }
  public func record(_ page: UInt32) -> SECSRecord { processor.secsRecord(of: entry(page)) }
  public func bytes(_ page: UInt32) -> [UInt8] { processor.epc[PhysPageNumber(page)].bytes() }
}
