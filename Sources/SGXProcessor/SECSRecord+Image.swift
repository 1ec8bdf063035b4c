import SGXArchitecture

extension SECSRecord {
  /// The SECS page as EWB encrypts it: the fields at their places, MRENCLAVE as it would be if the measurement ended here, and the
  /// hidden ones behind (their places are a choice: `Docs/Fidelity.md`).
  var image: PageContents {
    var bytes = [UInt8](repeating: 0, count: SECS.size)
    bytes.store(size, at: 0)
    bytes.store(baseAddress.rawValue, at: 8)
    bytes.store(ssaFrameSize, at: 16)
    bytes.store(miscSelect.rawValue, at: 20)
    bytes.store(attributes.rawValue, at: 48)
    bytes.store(xfrm.rawValue, at: 56)
    bytes.replaceSubrange(64..<96, with: measurement.digest.bytes)
    bytes.store(enclaveID, at: Hidden.enclaveID)
    bytes.store(measurement.blocks, at: Hidden.blocks)
    bytes.store(tracking.epoch, at: Hidden.epoch)
    return PageContents(bytes)
  }

  /// Offsets in the reserved end of the page.
  private enum Hidden {
    static let enclaveID = 3840
    static let blocks = 3848
    static let epoch = 3856
  }

  /// The record of the same enclave when its SECS lies in another page.
  func moved(to page: PhysPageNumber) -> SECSRecord {
    var record = self
    record.page = page
    return record
  }
}
