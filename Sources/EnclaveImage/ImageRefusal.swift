/// Why an image cannot be read: which field of which file, where, what it holds and what it could hold.
public struct ImageRefusal: Error, Hashable, Sendable {
  /// The file, as its reader was told.
  public let file: String
  /// Where the field begins, in bytes from the file's beginning.
  public let offset: UInt64
  /// The field, by the name its format gives it; with the number of its record where there are several.
  public let field: String
  public let found: String
  public let allowed: String

  public init(file: String, offset: UInt64, field: String, found: String, allowed: String) {
    self.file = file
    self.offset = offset
    self.field = field
    self.found = found
    self.allowed = allowed
  }

  /// One line.
  public var text: String { "\(file): byte \(offset.hex): \(field): found \(found), allowed: \(allowed)" }
}

/// Why there is no image.
public enum ImageError: Error, Hashable, Sendable {
  /// The file cannot be opened or read, or is no regular file, or too long; a line.
  case unreadable(String)
  case refused(ImageRefusal)

  /// One line.
  public var text: String {
    switch self {
    case .unreadable(let text): text
    case .refused(let refusal): refusal.text
    }
  }
}

extension UInt64 {
  /// `0x` and lower-case hexadecimal.
  package var hex: String { "0x" + String(self, radix: 16) }
}
