import SGXArchitecture

/// What the processor keeps with a SECS page, hidden part included (SDM 3D, "SECS" and ECREATE, Operation).
public struct SECSRecord: Sendable {
  /// Where the SECS is; another page after it was evicted and loaded again.
  public internal(set) var page: PhysPageNumber
  public let enclaveID: UInt64
  public let baseAddress: LinearAddress
  public let size: UInt64
  public let ssaFrameSize: UInt32
  public let miscSelect: MiscSelect
  public let xfrm: XFRM
  public let cetAttributes: UInt8
  public let cetLegacyBitmapOffset: UInt64
  /// CONFIGID, 64 bytes.
  public let configID: [UInt8]
  public let configSVN: UInt16
  public internal(set) var attributes: AttributeFlags
  public internal(set) var measurement: Measurement
  /// What was hashed, where the processor keeps it.
  public internal(set) var records: RecordJournal?
  /// Valid EPC pages that name this SECS.
  public internal(set) var childCount: UInt64 = 0
  /// VIRTCHILDCNT: pages that a hypervisor says it holds for the enclave.
  public internal(set) var virtualChildCount: UInt64 = 0
  /// ENCLAVECONTEXT: the SECS page's address until ESETCONTEXT says otherwise.
  public internal(set) var enclaveContext: UInt64
  public internal(set) var tracking = EpochTracking()
  /// What EINIT filled in; nil before.
  public internal(set) var identity: EnclaveIdentity?

  /// Set by EINIT, which this record keeps where the manual does: in ATTRIBUTES.INIT.
  public var isInitialized: Bool { attributes.contains(.initialized) }

  /// What keys and reports are made of; nil before EINIT.
  public var claims: EnclaveClaims? {
    guard let identity else { return nil }
    var claims = EnclaveClaims(
      attributes: attributes, xfrm: xfrm, miscSelect: miscSelect, mrEnclave: identity.mrEnclave, mrSigner: identity.mrSigner,
      isvProdID: identity.isvProdID, isvSVN: identity.isvSVN)
    claims.cetAttributes = cetAttributes
    claims.isvFamilyID = identity.isvFamilyID
    claims.isvExtProdID = identity.isvExtProdID
    claims.configID = configID
    claims.configSVN = configSVN
    return claims
  }

  /// True where the whole page lies inside the enclave's range.
  func contains(_ address: LinearAddress) -> Bool {
    address.rawValue &- baseAddress.rawValue < size
  }
}
