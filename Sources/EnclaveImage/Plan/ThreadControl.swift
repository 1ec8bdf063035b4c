import SGXArchitecture

/// A TCS page as loaders make it: the fields they fill, the rest zero.
struct ThreadControl {
  let ossa: UInt64
  let nssa: UInt32
  let oentry: UInt64
  /// OFSBASE and OGSBASE.
  let base: UInt64
  /// FSLIMIT and GSLIMIT.
  let limit: UInt32

  /// Kept as its first bytes only: an image may have thousands.
  var page: PageContents {
    var bytes = [UInt8](repeating: 0, count: TCS.reserved)
    bytes.store(ossa, at: TCS.ossa)
    bytes.store(nssa, at: TCS.nssa)
    bytes.store(oentry, at: TCS.oentry)
    bytes.store(base, at: TCS.ofsBase)
    bytes.store(base, at: TCS.ogsBase)
    bytes.store(limit, at: TCS.fsLimit)
    bytes.store(limit, at: TCS.gsLimit)
    return .bytes(ContentBlock(bytes), offset: 0)
  }
}
