/// What goes into each key (SDM 3D, EGETKEY and EREPORT, Operation; "Key Derivation").
extension KeyDependencies {
  /// The report key that EREPORT uses: the target's own EGETKEY derives the same from its SECS.
  package static func report(
    for target: TargetInfo, keyID: [UInt8], cpuSVN: [UInt8], of material: KeyMaterial
  ) -> KeyDependencies {
    var key = KeyDependencies(.report)
    key.store(target[.configSVN], at: .configSVN)
    key.store(target[.configID], at: .configID)
    key.store(target[.attributes] + target[.xfrm], at: .attributes)
    key.store(target[.miscSelect], at: .miscSelect)
    key.store(target[.cetAttributes], at: .cetAttributes)
    key.store(target[.measurement], at: .mrEnclave)
    key.store(keyID, at: .keyID)
    key.store(cpuSVN, at: .cpuSVN)
    key.storePackage(material, usesSealFuses: true, usesOwnerEpoch: true)
    return key
  }

  /// What EGETKEY derives. The request's tests are the leaf's.
  package static func requested(
    _ name: Name, _ request: KeyRequest, by enclave: EnclaveClaims, cpuSVN: [UInt8], of material: KeyMaterial
  ) -> KeyDependencies {
    switch name {
    case .report:
      return report(for: TargetInfo(enclave), keyID: request[.keyID], cpuSVN: cpuSVN, of: material)
    case .einitToken, .provision, .provisionSeal, .seal:
      break
    }
    var key = KeyDependencies(name)
    key.storeMasked(request, by: enclave, named: name)
    key.store(request.isvSVN, at: .isvSVN)
    key.store(request[.cpuSVN], at: .cpuSVN)
    switch name {
    case .seal:
      key.storePolicy(request, by: enclave)
      if request.policy.contains(.mrEnclave) { key.store(enclave.mrEnclave.bytes, at: .mrEnclave) }
      if request.policy.contains(.mrSigner) { key.store(enclave.mrSigner.bytes, at: .mrSigner) }
      key.store(request[.keyID], at: .keyID)
      key.store(request.cetAttributesMask, at: .cetAttributesMask)
    case .einitToken:
      key.store(enclave.isvProdID, at: .isvProdID)
      key.store(enclave.mrSigner.bytes, at: .mrSigner)
      key.store(request[.keyID], at: .keyID)
    case .provision:
      key.store(enclave.isvProdID, at: .isvProdID)
      key.store(enclave.mrSigner.bytes, at: .mrSigner)
    case .provisionSeal:
      key.storePolicy(request, by: enclave)
      key.store(enclave.mrSigner.bytes, at: .mrSigner)
    case .report:
      break
    }
    // Intel's own keys outlive the owner; only PROVISION goes without the fuses that Intel does not know.
    key.storePackage(
      material, usesSealFuses: name != .provision, usesOwnerEpoch: name == .seal || name == .einitToken)
    return key
  }

  /// ATTRIBUTES, MISCSELECT and CET_ATTRIBUTES under the request's masks; INIT and DEBUG go in whatever the mask says.
  private mutating func storeMasked(_ request: KeyRequest, by enclave: EnclaveClaims, named name: Name) {
    store(enclave.attributes.rawValue & (request.attributeMask.rawValue | 3), at: .attributes)
    store(enclave.xfrm.rawValue & request.xfrmMask.rawValue, at: .xfrm)
    store(enclave.miscSelect.rawValue & request.miscMask.rawValue, at: .miscSelect)
    store(enclave.cetAttributes & request.cetAttributesMask, at: .cetAttributes)
    guard name != .einitToken else { return }
    store(request.attributeMask.rawValue, at: .attributeMask)
    store(request.xfrmMask.rawValue, at: .xfrmMask)
    store(~request.miscMask.rawValue, at: .miscMask)
  }

  /// What KEYPOLICY chooses for the two sealing keys.
  private mutating func storePolicy(_ request: KeyRequest, by enclave: EnclaveClaims) {
    let policy = request.policy
    store(policy.rawValue, at: .keyPolicy)
    if !policy.contains(.noISVProdID) { store(enclave.isvProdID, at: .isvProdID) }
    if policy.contains(.configID) {
      store(enclave.configID, at: .configID)
      store(request.configSVN, at: .configSVN)
    }
    if policy.contains(.isvFamilyID) { store(enclave.isvFamilyID, at: .isvFamilyID) }
    if policy.contains(.isvExtProdID) { store(enclave.isvExtProdID, at: .isvExtProdID) }
  }

  private mutating func storePackage(_ material: KeyMaterial, usesSealFuses: Bool, usesOwnerEpoch: Bool) {
    if usesOwnerEpoch { store(material.ownerEpoch, at: .ownerEpoch) }
    if usesSealFuses { store(material.sealFuses, at: .sealFuses) }
    store(SigStruct.padding, at: .padding)
  }

  /// Bytes in the place of an integer, as another structure holds them.
  private mutating func store(_ bytes: [UInt8], at field: Scalar) {
    for (index, byte) in bytes.enumerated() { store(byte, atOffset: field.rawValue + index) }
  }
}
