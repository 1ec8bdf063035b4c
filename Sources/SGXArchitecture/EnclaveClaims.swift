/// What a SECS says of an initialised enclave: the part of its identity that keys and reports are made of.
public struct EnclaveClaims: Hashable, Sendable {
  public var attributes: AttributeFlags
  public var xfrm: XFRM
  public var miscSelect: MiscSelect
  public var cetAttributes: UInt8 = 0
  public var mrEnclave: Digest
  public var mrSigner: Digest
  public var isvProdID: UInt16
  public var isvSVN: UInt16
  /// 16 bytes.
  public var isvFamilyID = [UInt8](repeating: 0, count: 16)
  /// 16 bytes.
  public var isvExtProdID = [UInt8](repeating: 0, count: 16)
  /// 64 bytes.
  public var configID = [UInt8](repeating: 0, count: 64)
  public var configSVN: UInt16 = 0

  public init(
    attributes: AttributeFlags, xfrm: XFRM, miscSelect: MiscSelect, mrEnclave: Digest, mrSigner: Digest, isvProdID: UInt16, isvSVN: UInt16
  ) {
    self.attributes = attributes
    self.xfrm = xfrm
    self.miscSelect = miscSelect
    self.mrEnclave = mrEnclave
    self.mrSigner = mrSigner
    self.isvProdID = isvProdID
    self.isvSVN = isvSVN
  }
}
