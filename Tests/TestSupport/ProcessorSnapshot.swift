import SGXArchitecture
import SGXProcessor

/// Everything software or a later leaf could find out about a processor, as a value to compare.
public struct ProcessorSnapshot: Hashable, Sendable {
  public struct Enclave: Hashable, Sendable {
    public let page: PhysPageNumber
    public let enclaveID: UInt64
    public let attributes: AttributeFlags
    public let childCount: UInt64
    public let tracking: EpochTracking
    public let blocks: UInt64
    public let digest: Digest
    public let identity: EnclaveIdentity?
  }
  public let entries: [EPCMEntry]
  public let pages: [[UInt8]]
  public let enclaves: [Enclave?]
  /// Slots of version arrays in use: page, slot, version.
  public let versions: [[UInt64]]
  public let nextVersion: UInt64
  public let blockEpochs: [UInt32]
  public let nextEnclaveID: UInt64
  public let validPageCount: UInt64
  public let powerCycles: UInt64
  public let launchKeyHash: Digest

  public init(_ processor: Processor) {
    entries = (0..<processor.epc.pageCount).map { processor.epcm[$0] }
    pages = (0..<processor.epc.pageCount).map { processor.epc[PhysPageNumber($0)].bytes() }
    enclaves = processor.secsRecords.map { record in
      record.map {
        Enclave(
          page: $0.page, enclaveID: $0.enclaveID, attributes: $0.attributes, childCount: $0.childCount,
          tracking: $0.tracking, blocks: $0.measurement.blocks, digest: $0.measurement.digest, identity: $0.identity)
      }
    }
    var versions: [[UInt64]] = []
    processor.forEachVersion { versions.append([UInt64($0.rawValue), UInt64($1), $2]) }
    self.versions = versions
    nextVersion = processor.nextVersion
    blockEpochs = (0..<processor.epc.pageCount).map { processor.blockEpochs[$0] }
    nextEnclaveID = processor.nextEnclaveID
    validPageCount = processor.validPageCount
    powerCycles = processor.powerCycles
    launchKeyHash = processor.launchKeyHash
  }
}
