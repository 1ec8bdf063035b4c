import SGXArchitecture

/// The page contents that the measurement vectors name.
public enum VectorPage {
  public static let names = ["Z", "A", "B", "CNT", "TCS_A", "TCS_B", "TCS_C", "SSF"]

  /// The page of that name; a name that no vector uses is a mistake in the test.
  public static func named(_ name: String) -> PageContents {
    switch name {
    case "Z": .zero
    case "A": .fill(0x11)
    case "B": .fill(0x22)
    case "CNT": PageContents((0..<UInt32(1024)).flatMap { value in (0..<4).map { UInt8(value >> ($0 * 8) & 0xff) } })
    case "TCS_A": PageContents(TCS.image(ossa: 0x1000, nssa: 1))
    case "TCS_B": PageContents(TCS.image(ossa: 0x2000, nssa: 2, oentry: 0x1000))
    case "TCS_C": PageContents(TCS.image(ossa: 0x2000, nssa: 2, oentry: 0x1000, flags: 2))
    case "SSF": shadowStack(token: 0x7000_0000_2001)
    default: preconditionFailure("no page is called \(name)")
    }
  }

  /// Zeros up to the token in the last eight bytes.
  public static func shadowStack(token: UInt64) -> PageContents {
    var bytes = [UInt8](repeating: 0, count: Int(pageSize))
    bytes.store(token, at: Int(pageSize) - 8)
    return PageContents(bytes)
  }
}
