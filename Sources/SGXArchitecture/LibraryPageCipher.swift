import Crypto

/// Pages encrypted through the library's public API: what the faster one is compared with.
package struct LibraryPageCipher: PageSealing {
  private let key: SymmetricKey

  package init(key low: UInt64, _ high: UInt64) {
    key = withUnsafeBytes(of: (low.littleEndian, high.littleEndian)) { SymmetricKey(data: $0) }
  }

  package func seal(
    _ plaintext: UnsafeRawBufferPointer, header: SealHeader, version: UInt64, into ciphertext: UnsafeMutableRawBufferPointer
  ) -> PageMAC {
    // The library throws only for keys and nonces of a wrong length.
    let sealed = header.withBytes { try! AES.GCM.seal(plaintext, using: key, nonce: nonce(version), authenticating: $0) }
    sealed.ciphertext.withUnsafeBytes { ciphertext.copyMemory(from: $0) }
    return sealed.tag.withUnsafeBytes { bytes in
      PageMAC(
        low: UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)),
        high: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
  }

  package func open(
    _ ciphertext: UnsafeRawBufferPointer, mac: PageMAC, header: SealHeader, version: UInt64,
    into plaintext: UnsafeMutableRawBufferPointer
  ) -> Bool {
    let opened = header.withBytes { authenticated in
      withUnsafeBytes(of: (mac.low.littleEndian, mac.high.littleEndian)) { tag in
        let box = try! AES.GCM.SealedBox(nonce: nonce(version), ciphertext: ciphertext, tag: tag)
        return try? AES.GCM.open(box, using: key, authenticating: authenticated)
      }
    }
    guard let opened else { return false }
    opened.withUnsafeBytes { plaintext.copyMemory(from: $0) }
    return true
  }

  private func nonce(_ version: UInt64) -> AES.GCM.Nonce {
    withUnsafeBytes(of: (version.littleEndian, UInt32(0))) {
      try! AES.GCM.Nonce(data: UnsafeRawBufferPointer(rebasing: $0[..<12]))
    }
  }
}
