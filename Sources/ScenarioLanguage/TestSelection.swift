import LuaHost

/// A test as its script declares it, before it runs.
public struct DeclaredTest: Sendable {
  /// Its place among the tests of its file, from 1.
  public let index: Int
  /// Names of the describes around it and its own, outermost first.
  public let path: [String]
  public let file: String
  public let line: Int
  /// Its own tags and those of its script, in the order in which they are written.
  public let tags: [String]
  public let isPending: Bool

  /// As reports write it.
  public var name: String { path.joined(separator: ", ") }
}

/// Which tests of a run are wanted; everything by default.
public struct TestSelection: Sendable {
  /// A test's name must fit one of them.
  public var filters: [NamePattern] = []
  /// Conditions on tags, all of which must hold.
  public var tags: [TagCondition] = []
  public var shard: Shard?

  public init() {}

  /// Nothing is left out.
  var isEverything: Bool { filters.isEmpty && tags.isEmpty && shard == nil }

  public func includes(_ test: DeclaredTest, of file: String) -> Bool {
    if isEverything { return true }
    let name = test.name
    return (filters.isEmpty || filters.contains { $0.fits(name) }) && tags.allSatisfy { $0.holds(for: test.tags) }
      && (shard?.includes(name, of: file) ?? true)
  }
}

/// A part of a test's name, in which `*` stands for anything; behind `=` the whole of it, as it is.
public struct NamePattern: Sendable {
  private let parts: [[UInt8]]
  private let whole: String?

  public init(_ text: String) {
    whole = text.utf8.first == UInt8(ascii: "=") ? String(text.dropFirst()) : nil
    parts = whole == nil ? text.utf8.split(separator: UInt8(ascii: "*")).map(Array.init) : []
  }

  /// Names among which one is looked for: a search for each of many would be the square of their number.
  private static let othersMax = 256

  /// The text that fits this name and, where `others` says so, no other one than it. Among very many it is the whole name in any case.
  public static func text(for name: String, among others: [String]) -> String {
    let pattern = NamePattern(name)
    let isAmbiguous = name.utf8.contains(UInt8(ascii: "*")) || name.utf8.first == UInt8(ascii: "=") || others.count > othersMax
      || others.contains { $0 != name && pattern.fits($0) }
    return isAmbiguous ? "=" + name : name
  }

  /// The parts stand in the name in this order.
  public func fits(_ name: String) -> Bool {
    if let whole { return name == whole }
    var rest = Array(name.utf8)[...]
    for part in parts {
      guard let end = Self.end(of: part, in: rest) else { return false }
      rest = rest[end...]
    }
    return true
  }

  /// Where the first place of `part` ends. Never goes back in the text (Knuth, Morris and Pratt, 1977): names may be made so that trying every
  /// place takes the product of both lengths.
  private static func end(of part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
    guard text.count >= part.count else { return nil }
    if part.isEmpty { return text.startIndex }
    // Of each beginning of the part: how long a beginning of it is its end as well.
    var borders = [0]
    for index in part.indices.dropFirst() {
      var border = borders[index - 1]
      while border > 0, part[border] != part[index] { border = borders[border - 1] }
      borders.append(part[border] == part[index] ? border + 1 : 0)
    }
    var matched = 0
    for index in text.indices {
      while matched > 0, part[matched] != text[index] { matched = borders[matched - 1] }
      if part[matched] == text[index] { matched += 1 }
      if matched == part.count { return index + 1 }
    }
    return nil
  }
}

/// `slow,!sgx2`: a test has one of the tags, and none of those with an exclamation mark.
public struct TagCondition: Sendable {
  public let wanted: [String]
  public let refused: [String]

  /// Nil where a word is not a tag.
  public init?(_ text: String) {
    var wanted: [String] = [], refused: [String] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let isRefused = word.utf8.first == UInt8(ascii: "!")
      let tag = String(isRefused ? word.dropFirst() : word)
      guard Self.isTag(tag.utf8) else { return nil }
      if isRefused { refused.append(tag) } else { wanted.append(tag) }
    }
    self.wanted = wanted
    self.refused = refused
  }

  func holds(for tags: [String]) -> Bool {
    (wanted.isEmpty || wanted.contains { tags.contains($0) }) && !refused.contains { tags.contains($0) }
  }

  /// Tags and names of options: a to z, 0 to 9, `_` and `-`, a letter or digit first.
  static func isTag(_ bytes: some Collection<UInt8>) -> Bool {
    guard let first = bytes.first, first != UInt8(ascii: "-"), bytes.count <= 64 else { return false }
    return bytes.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
      default: false
      }
    }
  }
}

/// One of `count` parts of a run. Which part a test is in follows from its own name and its file's, so that a new test moves no other.
public struct Shard: Hashable, Sendable, Codable {
  /// From 1.
  public let number: Int
  public let count: Int

  /// Nil where there is no such part, or more than 65,536 of them.
  public init?(number: Int, of count: Int) {
    guard (1...65_536).contains(count), (1...count).contains(number) else { return nil }
    self.number = number
    self.count = count
  }

  /// The folder of the file does not count: it differs from machine to machine.
  func includes(_ test: String, of file: String) -> Bool {
    let base = file.utf8.split(separator: UInt8(ascii: "/")).last ?? file.utf8[...]
    // FNV-1a, 64 bits; its upper half, since the lower bits of neighbouring names are alike.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for bytes in [Array(base), [0], Array(test.utf8)] {
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    return Int((hash >> 32) % UInt64(count)) + 1 == number
  }
}
