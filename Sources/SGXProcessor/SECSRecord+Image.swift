import SGXArchitecture

extension SECSRecord {
  /// The SECS page as EWB encrypts it: the manual's fields, MRENCLAVE as it would be if the measurement ended here, and the hidden ones.
  var image: PageContents {
    var bytes = source.image
    bytes[field: SECS.Field.mrEnclave] = (identity?.mrEnclave ?? measurement.digest).bytes
    storeIdentity(in: &bytes)
    bytes.store(enclaveID, field: SECS.HiddenField.enclaveID)
    bytes.store(measurement.blocks, field: SECS.HiddenField.blocks)
    bytes.store(childCount, field: SECS.HiddenField.childCount)
    bytes.store(virtualChildCount, field: SECS.HiddenField.virtualChildCount)
    bytes.store(enclaveContext, field: SECS.HiddenField.enclaveContext)
    bytes.store(tracking.epoch, field: SECS.HiddenField.epoch)
    bytes.store(tracking.current, field: SECS.HiddenField.current)
    bytes.store(tracking.previous, field: SECS.HiddenField.previous)
    return PageContents(bytes)
  }

  private func storeIdentity(in bytes: inout [UInt8]) {
    guard let identity else { return }
    bytes[field: SECS.Field.mrSigner] = identity.mrSigner.bytes
    bytes.store(identity.isvProdID, field: SECS.Field.isvProdID)
    bytes.store(identity.isvSVN, field: SECS.Field.isvSVN)
    bytes[field: SECS.HiddenField.isvFamilyID] = identity.isvFamilyID
    bytes[field: SECS.HiddenField.isvExtProdID] = identity.isvExtProdID
    bytes[field: SECS.HiddenField.padding] = SigStruct.padding
  }

  /// What software gave to ECREATE.
  private var source: SECS {
    var secs = SECS(
      size: size, baseAddress: baseAddress, ssaFrameSize: ssaFrameSize, miscSelect: miscSelect, attributes: attributes, xfrm: xfrm)
    secs.cetLegacyBitmapOffset = cetLegacyBitmapOffset
    secs.cetAttributes = cetAttributes
    secs.configID = configID
    secs.configSVN = configSVN
    return secs
  }

  /// The record of the same enclave when its SECS lies in another page, which ENCLAVECONTEXT then names.
  func moved(to page: PhysPageNumber) -> SECSRecord {
    var record = self
    record.page = page
    record.enclaveContext = EPC.address(of: page).rawValue
    return record
  }
}
