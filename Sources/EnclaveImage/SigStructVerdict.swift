import SGXArchitecture

/// What EINIT would hold against an enclave and its SIGSTRUCT, as far as the image itself decides it (SDM 3D, EINIT, Operation).
public struct SigStructVerdict: Hashable, Sendable {
  /// ENCLAVEHASH is the MRENCLAVE that came out.
  public let hashAgrees: Bool
  /// The RSA signature with Q1 and Q2.
  public let signatureIsValid: Bool
  /// Constants and reserved bytes that are not what they must be.
  public let malformations: [SigStruct.Malformation]
  /// ATTRIBUTES, XFRM and MISCSELECT agree where their masks look.
  public let attributesAgree: Bool
  public let xfrmAgrees: Bool
  public let miscSelectAgrees: Bool

  public init(_ sigStruct: SigStruct, parameters: EnclaveParameters, mrenclave: Digest) {
    hashAgrees = sigStruct.enclaveHash == mrenclave
    signatureIsValid = sigStruct.hasValidSignature
    malformations = sigStruct.malformations(hasCET: true)
    attributesAgree = (parameters.attributes.rawValue ^ sigStruct.attributes.rawValue) & sigStruct.attributeMask.rawValue == 0
    xfrmAgrees = (parameters.xfrm.rawValue ^ sigStruct.xfrm.rawValue) & sigStruct.xfrmMask.rawValue == 0
    miscSelectAgrees = (parameters.miscSelect.rawValue ^ sigStruct.miscSelect.rawValue) & sigStruct.miscMask.rawValue == 0
  }

  public var isGood: Bool {
    hashAgrees && signatureIsValid && malformations.isEmpty && attributesAgree && xfrmAgrees && miscSelectAgrees
  }

  /// What is wrong, in words; empty where nothing is.
  public var contradictions: [String] {
    var found: [String] = []
    if !hashAgrees { found.append("ENCLAVEHASH is another") }
    if !signatureIsValid { found.append("the signature does not verify") }
    for malformation in malformations { found.append("\(malformation.field.name) is malformed at byte \(malformation.offset)") }
    if !attributesAgree { found.append("ATTRIBUTES differ") }
    if !xfrmAgrees { found.append("XFRM differs") }
    if !miscSelectAgrees { found.append("MISCSELECT differs") }
    return found
  }
}
