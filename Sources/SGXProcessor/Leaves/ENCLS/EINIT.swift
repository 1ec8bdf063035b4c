import SGXArchitecture

/// EINIT (02H): checks the signature of an enclave and makes it ready to be entered (SDM 3D, EINIT, Operation).
public struct EINIT: Leaf {
  public static let name = LeafName.EINIT
  /// RBX.
  public var sigStructAddress: KernelAddress
  public var sigStruct: SigStruct
  /// RCX.
  public var secs: EPCAddress
  /// RDX.
  public var tokenAddress: KernelAddress
  public var token: EINITToken

  public init(sigStruct: SigStruct, secs: EPCAddress, token: EINITToken = .none) {
    sigStructAddress = .anyPage
    self.sigStruct = sigStruct
    self.secs = secs
    tokenAddress = .anyPage
    self.token = token
  }

  public enum Check: UInt8, LeafCheck {
    case operandAlignment = 1, tokenAlignment, secsNotEPC, badSigStruct, unmaskedEvent, badSignature, secsInUse, secsNotValid
    case familyWithoutKSS, measurementBusy, initialized, measurement, launchKeyAttribute, attributes, miscSelect, cetAttributes
    case notLaunchSigner, debugToken, tokenReserved, tokenCPUSVN, tokenMAC, tokenIdentity, tokenAttributes

    public var condition: String {
      switch self {
      case .operandAlignment: "RBX or RCX is not page-aligned"
      case .tokenAlignment: "RDX is not 512-byte aligned"
      case .secsNotEPC: "RCX does not resolve to EPC"
      case .badSigStruct: "a constant, VENDOR, EXPONENT or a reserved byte of SIGSTRUCT is wrong"
      case .unmaskedEvent: "an event arrived during the signature check; here only where one is injected"
      case .badSignature: "SIGNATURE, Q1 or Q2 does not verify under MODULUS"
      case .secsInUse: "another leaf uses the SECS"
      case .secsNotValid: "the SECS page is not valid or not of type PT_SECS"
      case .familyWithoutKSS: "ISVFAMILYID or ISVEXTPRODID without KSS"
      case .measurementBusy: "another leaf extends the measurement"
      case .initialized: "the enclave is initialised"
      case .measurement: "MRENCLAVE is not ENCLAVEHASH"
      case .launchKeyAttribute: "EINITTOKENKEY, and the signer is not the launch enclave's"
      case .attributes: "ATTRIBUTES differ under ATTRIBUTEMASK"
      case .miscSelect: "MISCSELECT differs under MISCMASK"
      case .cetAttributes: "CET_ATTRIBUTES differ under their mask"
      case .notLaunchSigner: "no token, and the signer is not the launch enclave's"
      case .debugToken: "a token by a debug launch enclave for an enclave without DEBUG"
      case .tokenReserved: "a reserved bit of the token is set"
      case .tokenCPUSVN: "the token's CPUSVNLE is beyond the processor's"
      case .tokenMAC: "the token's MAC is wrong"
      case .tokenIdentity: "the token is for another MRENCLAVE or MRSIGNER"
      case .tokenAttributes: "the token is for other ATTRIBUTES"
      }
    }
  }

  public func subject(in epc: EPC) -> PhysPageNumber? { epc.page(at: secs) }

  public func perform(on processor: inout Processor) -> LeafOutcome {
    if let refusal = operandRefusal(by: processor) { return refusal }
    let entry = processor.epcm[processor.epc.page(at: secs)!.rawValue]
    guard entry.isValid, entry.type == .secs else {
      return .fault(.pageFault(address: secs, write: true), row: Check.secsNotValid.rawValue)
    }
    let record = processor.secsRecord(of: entry)
    let digest = record.measurement.digest
    let signer = sigStruct.signer
    if let refusal = refusal(of: record, measuring: digest, by: signer, on: processor) { return refusal }
    let identity = EnclaveIdentity(
      mrEnclave: digest, mrSigner: signer, isvProdID: sigStruct.isvProdID, isvSVN: sigStruct.isvSVN,
      isvFamilyID: sigStruct[.isvFamilyID], isvExtProdID: sigStruct[.isvExtProdID])
    processor.withSECSRecord(entry.secsIndex) {
      $0.identity = identity
      $0.attributes.insert(.initialized)
    }
    return .done
  }

  /// Rows 1 to 6: what can be said without the enclave.
  private func operandRefusal(by processor: borrowing Processor) -> LeafOutcome? {
    guard sigStructAddress.rawValue.isMultiple(ofPowerOfTwo: pageSize), secs.rawValue.isMultiple(ofPowerOfTwo: pageSize) else {
      return .fault(.generalProtection, row: Check.operandAlignment.rawValue)
    }
    guard tokenAddress.rawValue.isMultiple(ofPowerOfTwo: 512) else {
      return .fault(.generalProtection, row: Check.tokenAlignment.rawValue)
    }
    guard processor.epc.page(at: secs) != nil else {
      return .fault(.pageFault(address: secs, write: true), row: Check.secsNotEPC.rawValue)
    }
    if let verdict = processor.suppliedVerdict {
      return verdict.codeBeforeSECS.map { .code($0, row: 0) }
    }
    guard sigStruct.isWellFormed(hasCET: processor.profile.hasCET) else {
      return .code(.SGX_INVALID_SIG_STRUCT, row: Check.badSigStruct.rawValue)
    }
    guard sigStruct.hasValidSignature else { return .code(.SGX_INVALID_SIGNATURE, row: Check.badSignature.rawValue) }
    return nil
  }

  /// Rows 9 to 23: the enclave against SIGSTRUCT, launch control and token.
  private func refusal(
    of record: borrowing SECSRecord, measuring digest: Digest, by signer: Digest, on processor: borrowing Processor
  ) -> LeafOutcome? {
    if let verdict = processor.suppliedVerdict {
      if record.isInitialized { return .fault(.generalProtection, row: Check.initialized.rawValue) }
      if case .code(let code) = verdict { return .code(code, row: 0) }
      return nil
    }
    if !record.attributes.contains(.kss), sigStruct.usesKSS {
      return .code(.SGX_INVALID_SIG_STRUCT, row: Check.familyWithoutKSS.rawValue)
    }
    if record.isInitialized { return .fault(.generalProtection, row: Check.initialized.rawValue) }
    if digest != sigStruct.enclaveHash { return .code(.SGX_INVALID_MEASUREMENT, row: Check.measurement.rawValue) }
    if let check = mismatch(with: record, isLaunchSigner: signer == processor.launchKeyHash) {
      return .code(.SGX_INVALID_ATTRIBUTE, row: check.rawValue)
    }
    guard token.valid & 1 == 1 else {
      if signer == processor.launchKeyHash { return nil }
      return .code(.SGX_INVALID_EINITTOKEN, row: Check.notLaunchSigner.rawValue)
    }
    return tokenRefusal(of: record, measuring: digest, by: signer, on: processor)
  }

  /// Rows 13 to 16.
  private func mismatch(with record: borrowing SECSRecord, isLaunchSigner: Bool) -> Check? {
    if record.attributes.contains(.einitTokenKey), !isLaunchSigner { return .launchKeyAttribute }
    let flags = (record.attributes.rawValue ^ sigStruct.attributes.rawValue) & sigStruct.attributeMask.rawValue
    let features = (record.xfrm.rawValue ^ sigStruct.xfrm.rawValue) & sigStruct.xfrmMask.rawValue
    if flags | features != 0 { return .attributes }
    if (record.miscSelect.rawValue ^ sigStruct.miscSelect.rawValue) & sigStruct.miscMask.rawValue != 0 { return .miscSelect }
    if (record.cetAttributes ^ sigStruct.cetAttributes) & sigStruct.cetAttributesMask != 0 { return .cetAttributes }
    return nil
  }

  /// Rows 18 to 23.
  private func tokenRefusal(
    of record: borrowing SECSRecord, measuring digest: Digest, by signer: Digest, on processor: borrowing Processor
  ) -> LeafOutcome? {
    func invalid(_ check: Check) -> LeafOutcome { .code(.SGX_INVALID_EINITTOKEN, row: check.rawValue) }
    if token.launchAttributes.contains(.debug), !record.attributes.contains(.debug) { return invalid(.debugToken) }
    guard token.hasCleanReserved else { return invalid(.tokenReserved) }
    // CPUSVN is sixteen numbers: none may be beyond the processor's.
    guard zip(token.launchCPUSVN, processor.cpuSVN).allSatisfy({ $0 <= $1 }) else {
      return .code(.SGX_INVALID_CPUSVN, row: Check.tokenCPUSVN.rawValue)
    }
    let mac = token.expectedMAC(of: processor.keyMaterial, launchKeyHash: processor.launchKeyHash)
    guard token.mac == mac else { return invalid(.tokenMAC) }
    guard token.mrEnclave == digest, token.mrSigner == signer else {
      return .code(.SGX_INVALID_MEASUREMENT, row: Check.tokenIdentity.rawValue)
    }
    guard token.attributes == record.attributes, token.xfrm == record.xfrm else {
      return .code(.SGX_INVALID_ATTRIBUTE, row: Check.tokenAttributes.rawValue)
    }
    return nil
  }
}

extension SigStruct {
  /// Fields that only an enclave with KSS may have.
  var usesKSS: Bool { !self[.isvFamilyID].allSatisfy { $0 == 0 } || !self[.isvExtProdID].allSatisfy { $0 == 0 } }
}
