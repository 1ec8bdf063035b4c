/// The number of a release of Linux: 6.12 is 6.12.0, and comes before 6.12.107 of its stable line.
public struct KernelVersion: Hashable, Comparable, Sendable {
  public let major: UInt32
  public let minor: UInt32
  /// Number on the stable line; 0 for the mainline release itself.
  public let patch: UInt32

  public init(_ major: UInt32, _ minor: UInt32, _ patch: UInt32 = 0) {
    (self.major, self.minor, self.patch) = (major, minor, patch)
  }

  /// As `uname -r` begins: `6.5`, `v6.5`, `6.12.50`. Nil for anything else, release candidates and leading zeros included.
  public init?(_ text: some StringProtocol) {
    let digits = text.utf8.first == UInt8(ascii: "v") ? text.dropFirst() : text[...]
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3 else { return nil }
    var numbers: [UInt32] = []
    for part in parts {
      guard part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = UInt32(part),
        part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0")
      else { return nil }
      numbers.append(number)
    }
    self.init(numbers[0], numbers[1], numbers.count == 3 ? numbers[2] : 0)
  }

  /// True for two releases of one stable line: 6.1.113 and 6.1.192.
  public func isOnLine(of other: KernelVersion) -> Bool { major == other.major && minor == other.minor }

  /// `6.12`, `6.12.107`.
  public var text: String { patch == 0 ? "\(major).\(minor)" : "\(major).\(minor).\(patch)" }

  public static func < (a: Self, b: Self) -> Bool { (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch) }
}
