import SGXArchitecture

/// What EINIT writes into the SECS (SDM 3D, EINIT, Operation). PADDING is the same for every enclave: `SigStruct.padding`.
public struct EnclaveIdentity: Hashable, Sendable {
  public let mrEnclave: Digest
  public let mrSigner: Digest
  public let isvProdID: UInt16
  public let isvSVN: UInt16
  /// ISVFAMILYID; 16 bytes.
  public let isvFamilyID: [UInt8]
  /// ISVEXTPRODID; 16 bytes.
  public let isvExtProdID: [UInt8]
}
