import Crypto

/// What is authenticated with an evicted page beside its bytes: 128 bytes (SDM 3D, EWB, "MAC Header").
///
/// The manual names the fields, not their places: EID, LINADDR, SECINFO, the reserved bytes of PCMD, zero (`Docs/Fidelity.md`).
package struct SealHeader: Sendable {
  fileprivate var words = InlineArray<16, UInt64>(repeating: 0)

  package init(enclaveID: UInt64, linearAddress: LinearAddress, pcmd: borrowing PCMD) {
    words[0] = enclaveID.littleEndian
    words[1] = linearAddress.rawValue.littleEndian
    for index in 0..<8 { words[2 + index] = pcmd.words[index].littleEndian }
    for index in 0..<5 { words[10 + index] = pcmd.words[9 + index].littleEndian }
  }
}

/// AES-128-GCM of pages of 4096 bytes under the processor's paging key (SDM 3D, CR_BASE_PK).
package struct PageCipher: Sendable {
  private let key: SymmetricKey

  /// The key's 16 bytes as two little-endian words.
  package init(key low: UInt64, _ high: UInt64) {
    key = withUnsafeBytes(of: (low.littleEndian, high.littleEndian)) { SymmetricKey(data: $0) }
  }

  /// Encrypts a page. A version is used once under one key.
  package func seal(
    _ contents: PageContents, header: SealHeader, version: UInt64
  ) -> (ciphertext: PageContents, mac: PageMAC) {
    let sealed = contents.withPage { plaintext in
      withUnsafeBytes(of: header.words) { authenticated in
        // The library throws only for keys and nonces of a wrong length.
        try! AES.GCM.seal(plaintext, using: key, nonce: nonce(version), authenticating: authenticated)
      }
    }
    let block = ContentBlock(count: Int(pageSize)) { memory in
      sealed.ciphertext.withUnsafeBytes { memory.copyMemory(from: $0) }
    }
    let mac = sealed.tag.withUnsafeBytes { bytes in
      PageMAC(
        low: UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)),
        high: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
    return (.bytes(block, offset: 0), mac)
  }

  /// Decrypts a page; nil where anything that was authenticated is not what it was.
  package func open(_ ciphertext: PageContents, mac: PageMAC, header: SealHeader, version: UInt64) -> PageContents? {
    let plaintext = ciphertext.withPage { bytes in
      withUnsafeBytes(of: header.words) { authenticated in
        withUnsafeBytes(of: (mac.low.littleEndian, mac.high.littleEndian)) { tag in
          let box = try! AES.GCM.SealedBox(nonce: nonce(version), ciphertext: bytes, tag: tag)
          return try? AES.GCM.open(box, using: key, authenticating: authenticated)
        }
      }
    }
    guard let plaintext else { return nil }
    let block = ContentBlock(count: Int(pageSize)) { memory in plaintext.withUnsafeBytes { memory.copyMemory(from: $0) } }
    return .bytes(block, offset: 0)
  }

  /// Twelve bytes: the version, then zeros.
  private func nonce(_ version: UInt64) -> AES.GCM.Nonce {
    withUnsafeBytes(of: (version.littleEndian, UInt32(0))) { try! AES.GCM.Nonce(data: UnsafeRawBufferPointer(rebasing: $0[..<12])) }
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
