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
    let sealed = header.withBytes { authenticated in
      certainly { try AES.GCM.seal(plaintext, using: key, nonce: nonce(version), authenticating: authenticated) }
    }
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
        let box = certainly { try AES.GCM.SealedBox(nonce: nonce(version), ciphertext: ciphertext, tag: tag) }
        return try? AES.GCM.open(box, using: key, authenticating: authenticated)
      }
    }
    guard let opened else { return false }
    opened.withUnsafeBytes { plaintext.copyMemory(from: $0) }
    return true
  }

  private func nonce(_ version: UInt64) -> AES.GCM.Nonce {
    withUnsafeBytes(of: (version.littleEndian, UInt32(0))) { bytes in
      certainly { try AES.GCM.Nonce(data: UnsafeRawBufferPointer(rebasing: bytes[..<12])) }
    }
  }
}

/// The library throws only for keys, nonces and tags of a wrong length.
private func certainly<Value>(_ body: () throws -> Value) -> Value {
  do { return try body() } catch { preconditionFailure("page-cipher: AES-GCM takes keys of 16 bytes, nonces of 12 and tags of 16: \(error)") }
}
