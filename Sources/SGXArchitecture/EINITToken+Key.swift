extension EINITToken {
  /// The launch key that this token names: that of the launch enclave whose signer is `launchKeyHash` (SDM 3D, EINIT, Operation).
  package func launchKey(of material: KeyMaterial, launchKeyHash: Digest) -> [UInt8] {
    var dependencies = KeyDependencies(.einitToken)
    dependencies.store(launchISVProdID, at: .isvProdID)
    dependencies.store(launchISVSVN, at: .isvSVN)
    dependencies.store(launchCETAttributes, at: .cetAttributes)
    dependencies.store(launchMiscSelect.rawValue, at: .miscSelect)
    dependencies.store(launchAttributes.rawValue, at: .attributes)
    dependencies.store(launchXFRM.rawValue, at: .xfrm)
    dependencies.store(launchCPUSVN, at: .cpuSVN)
    dependencies.store(material.ownerEpoch, at: .ownerEpoch)
    dependencies.store(material.sealFuses, at: .sealFuses)
    dependencies.store(launchKeyHash.bytes, at: .mrSigner)
    dependencies.store(keyID, at: .keyID)
    dependencies.store(SigStruct.padding, at: .padding)
    return dependencies.key(under: material.root)
  }

  /// The MAC that EINIT expects.
  package func expectedMAC(of material: KeyMaterial, launchKeyHash: Digest) -> [UInt8] {
    aesCMAC(of: authenticated, key: launchKey(of: material, launchKeyHash: launchKeyHash))
  }
}
