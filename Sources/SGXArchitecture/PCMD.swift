/// PCMD, the 128 bytes that go with an evicted page (SDM 3D, "Paging Crypto MetaData"): SECINFO, ENCLAVEID, 40 reserved bytes, MAC.
@frozen public struct PCMD: Sendable {
  public static let size = 128

  // Sixteen words in the order of memory, so that a page's metadata is passed without touching the heap.
  @usableFromInline var words: InlineArray<16, UInt64>

  /// 128 zero bytes: what a page that was never evicted has, and one whose PCMD the kernel has wiped.
  public static let zero = PCMD()
  @inlinable init() { words = InlineArray(repeating: 0) }

  public init(secInfo: SecInfo, enclaveID: UInt64, mac: PageMAC) {
    self.init()
    self.secInfo = secInfo
    self.enclaveID = enclaveID
    self.mac = mac
  }

  /// Type, rights and state bits of the page as it was evicted; authenticated.
  public var secInfo: SecInfo {
    get {
      var reserved = SecInfo.Reserved()
      reserved.words = (words[1], words[2], words[3], words[4], words[5], words[6], words[7])
      return SecInfo(flags: words[0], reserved: reserved)
    }
    set {
      words[0] = newValue.flags
      let reserved = newValue.reserved.words
      words[1] = reserved.0
      words[2] = reserved.1
      words[3] = reserved.2
      words[4] = reserved.3
      words[5] = reserved.4
      words[6] = reserved.5
      words[7] = reserved.6
    }
  }

  /// EID of the owner, or of the SECS itself; a hint for software, which no leaf believes.
  public var enclaveID: UInt64 {
    get { words[8] }
    set { words[8] = newValue }
  }

  /// Tag of the encryption.
  public var mac: PageMAC {
    get { PageMAC(low: words[14], high: words[15]) }
    set {
      words[14] = newValue.low
      words[15] = newValue.high
    }
  }

  /// One of the 128 bytes, as memory holds them.
  public subscript(byte index: Int) -> UInt8 {
    get { UInt8(truncatingIfNeeded: words[index / 8] >> UInt64(index % 8 * 8)) }
    set {
      let shift = UInt64(index % 8 * 8)
      words[index / 8] = words[index / 8] & ~(0xff << shift) | UInt64(newValue) << shift
    }
  }

  public var isZero: Bool { self == .zero }
}

extension PCMD: Hashable {
  public static func == (a: Self, b: Self) -> Bool {
    for index in 0..<16 where a.words[index] != b.words[index] { return false }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    for index in 0..<16 { hasher.combine(words[index]) }
  }
}

/// A tag of AES-GCM: 16 bytes as two words of memory.
@frozen public struct PageMAC: Hashable, Sendable {
  public var low: UInt64
  public var high: UInt64
  @inlinable public init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }
}
