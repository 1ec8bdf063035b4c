/// What is authenticated with an evicted page beside its bytes: 128 bytes (SDM 3D, EWB, "MAC Header").
///
/// The manual names the fields, not their places: EID, LINADDR, SECINFO, the reserved bytes of PCMD, zero (`Docs/Fidelity.md`).
package struct SealHeader: Sendable {
  private var words = InlineArray<16, UInt64>(repeating: 0)

  package init(enclaveID: UInt64, linearAddress: LinearAddress, pcmd: borrowing PCMD) {
    words[0] = enclaveID.littleEndian
    words[1] = linearAddress.rawValue.littleEndian
    for index in 0..<8 { words[2 + index] = pcmd.words[index].littleEndian }
    for index in 0..<5 { words[10 + index] = pcmd.words[9 + index].littleEndian }
  }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { withUnsafeBytes(of: words, body) }
}

/// AES-128-GCM of pages of 4096 bytes under the processor's paging key (SDM 3D, CR_BASE_PK). The nonce is the version and four zeros.
///
/// There are two, and a test that they give the same bytes: one over the library's public API, one that keeps the key schedule.
package protocol PageSealing: Sendable {
  /// The key's 16 bytes as two little-endian words.
  init(key low: UInt64, _ high: UInt64)
  /// Encrypts a page into `ciphertext`, 4096 bytes, and returns the tag.
  func seal(
    _ plaintext: UnsafeRawBufferPointer, header: SealHeader, version: UInt64, into ciphertext: UnsafeMutableRawBufferPointer
  ) -> PageMAC
  /// Decrypts a page into `plaintext`; false where anything that was authenticated is not what it was, and then the bytes mean nothing.
  func open(
    _ ciphertext: UnsafeRawBufferPointer, mac: PageMAC, header: SealHeader, version: UInt64,
    into plaintext: UnsafeMutableRawBufferPointer
  ) -> Bool
}

extension PageSealing {
  /// Encrypts a page. A version is used once under one key.
  package func seal(_ contents: PageContents, header: SealHeader, version: UInt64) -> (ciphertext: PageContents, mac: PageMAC) {
    var mac = PageMAC(low: 0, high: 0)
    let block = ContentBlock(count: Int(pageSize)) { memory in
      contents.withPage { mac = seal($0, header: header, version: version, into: memory) }
    }
    return (.bytes(block, offset: 0), mac)
  }

  /// Decrypts a page; nil where anything that was authenticated is not what it was.
  package func open(_ ciphertext: PageContents, mac: PageMAC, header: SealHeader, version: UInt64) -> PageContents? {
    var isGenuine = false
    let block = ContentBlock(count: Int(pageSize)) { memory in
      ciphertext.withPage { isGenuine = open($0, mac: mac, header: header, version: version, into: memory) }
    }
    return isGenuine ? .bytes(block, offset: 0) : nil
  }
}

extension PageContents {
  /// Lends the 4096 bytes, without a copy where they lie together.
  package func withPage<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    if case .bytes(let block, let offset) = self, block.count >= Int(offset) + Int(pageSize) {
      return body(UnsafeRawBufferPointer(start: block.base + Int(offset), count: Int(pageSize)))
    }
    return withUnsafeTemporaryAllocation(byteCount: Int(pageSize), alignment: 64) { buffer in
      copy(from: 0, count: Int(pageSize), to: buffer.baseAddress!)
      return body(UnsafeRawBufferPointer(buffer))
    }
  }
}
