extension AttributeFlags {
  /// The flags by the manual's names, from bit 0 up; a bit without a name is `bit N`.
  public var names: [String] {
    (0..<64).filter { rawValue >> UInt64($0) & 1 == 1 }.map { bit in
      switch AttributeFlags(rawValue: 1 << UInt64(bit)) {
      case .initialized: "INIT"
      case .debug: "DEBUG"
      case .mode64Bit: "MODE64BIT"
      case .provisionKey: "PROVISIONKEY"
      case .einitTokenKey: "EINITTOKENKEY"
      case .cet: "CET"
      case .kss: "KSS"
      case .aexNotify: "AEXNOTIFY"
      default: "bit \(bit)"
      }
    }
  }
}
