import SGXArchitecture

/// EGETKEY (01H of ENCLU): derives one of the enclave's keys (SDM 3D, EGETKEY, Operation).
public struct EGETKEY: ThreadLeaf {
  public static let name = LeafName.EGETKEY
  /// RBX: KEYREQUEST.
  public var request: LinearAddress
  /// RCX: where the 16 bytes go.
  public var output: LinearAddress

  public init(request: LinearAddress, output: LinearAddress) {
    self.request = request
    self.output = output
  }

  public enum Check: UInt8, LeafCheck {
    case requestPlace = 1, requestPage, outputPlace, outputPage, reserved, kss, keyName, attribute, cpuSVN, isvSVN, configSVN

    public var condition: String {
      switch self {
      case .requestPlace: "RBX is not 512-byte aligned or outside the enclave's range"
      case .requestPage: "KEYREQUEST cannot be read"
      case .outputPlace: "RCX is not 16-byte aligned or outside the enclave's range"
      case .outputPage: "the key cannot be written"
      case .reserved: "KEYREQUEST has reserved bytes or bits of KEYPOLICY"
      case .kss: "a policy or a CONFIGSVN that only an enclave with KSS may ask for"
      case .keyName: "KEYNAME names no key"
      case .attribute: "the enclave lacks the attribute that the key needs"
      case .cpuSVN: "CPUSVN is beyond the processor's"
      case .isvSVN: "ISVSVN is beyond the enclave's"
      case .configSVN: "CONFIGSVN is beyond the enclave's"
      }
    }
  }

  public var operands: (rbx: UInt64?, rcx: UInt64?, rdx: UInt64?) { (request.rawValue, output.rawValue, nil) }

  public func perform<Tables: AddressTranslation>(
    on processor: inout Processor, by cpu: inout LogicalProcessor, through tables: Tables
  ) -> LeafOutcome {
    guard let entry = cpu.entry else { return .fault(.generalProtection, row: CommonRow.outsideEnclave) }
    guard request.rawValue.isMultiple(ofPowerOfTwo: 512), entry.contains(request) else { return Check.requestPlace.protection }
    let asked: KeyRequest
    switch processor.operand(KeyRequest.size, at: request, of: entry, through: tables) {
    case .success(let bytes): asked = KeyRequest(bytes: bytes) ?? KeyRequest()
    case .failure(let fault): return Check.requestPage.fault(fault)
    }
    guard output.rawValue.isMultiple(ofPowerOfTwo: 16), entry.contains(output) else { return Check.outputPlace.protection }
    let page: PhysPageNumber
    switch processor.usablePage(at: output, for: .write, by: entry.thread.secsIndex, through: tables) {
    case .success(let found): page = found
    case .failure(let fault): return Check.outputPage.fault(fault)
    }
    let claims = processor.claims(of: entry)
    switch Self.name(of: asked, by: claims, cpuSVN: processor.cpuSVN) {
    case .failure(let refusal):
      return refusal.outcome
    case .success(let name):
      let key = KeyDependencies.requested(name, asked, by: claims, cpuSVN: processor.cpuSVN, of: processor.keyMaterial)
      processor.epc[page].store(key.key(under: processor.keyMaterial.root), at: Int(output.rawValue & (pageSize - 1)))
      return .done
    }
  }

  private struct Refusal: Error {
    let outcome: LeafOutcome
    init(_ check: Check, _ code: LeafError?) { outcome = code.map(check.code) ?? check.protection }
  }

  /// Rows 5 to 11.
  private static func name(
    of asked: KeyRequest, by enclave: EnclaveClaims, cpuSVN: [UInt8]
  ) -> Result<KeyDependencies.Name, Refusal> {
    guard asked.hasCleanReserved else { return .failure(Refusal(.reserved, nil)) }
    if !enclave.attributes.contains(.kss), !asked.policy.isDisjoint(with: .kss) || asked.configSVN != 0 {
      return .failure(Refusal(.kss, nil))
    }
    guard let name = KeyDependencies.Name(rawValue: asked.nameNumber) else { return .failure(Refusal(.keyName, .SGX_INVALID_KEYNAME)) }
    let needed: AttributeFlags =
      switch name {
      case .einitToken: .einitTokenKey
      case .provision, .provisionSeal: .provisionKey
      case .report, .seal: []
      }
    guard enclave.attributes.isSuperset(of: needed) else { return .failure(Refusal(.attribute, .SGX_INVALID_ATTRIBUTE)) }
    if name == .report { return .success(name) }
    guard zip(asked[.cpuSVN], cpuSVN).allSatisfy({ $0 <= $1 }) else { return .failure(Refusal(.cpuSVN, .SGX_INVALID_CPUSVN)) }
    guard asked.isvSVN <= enclave.isvSVN else { return .failure(Refusal(.isvSVN, .SGX_INVALID_ISVSVN)) }
    let usesConfig = name == .seal || name == .provisionSeal
    guard !usesConfig || asked.configSVN <= enclave.configSVN else { return .failure(Refusal(.configSVN, .SGX_INVALID_ISVSVN)) }
    return .success(name)
  }
}
