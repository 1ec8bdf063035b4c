import LuaHost
import Testbench

/// What the comments of a script say its tests meet: `-- covers: A17, A18` directly above an `it(`.
struct CoverageClaims {
  /// Identifiers by the line of the `it(` below them, in order of line.
  private(set) var byLine: [(line: Int, ids: [String])] = []

  var isEmpty: Bool { byLine.isEmpty }

  func claims(at line: Int) -> [String] {
    // A script may have a claim on every second of its lines.
    var (low, high) = (0, byLine.count)
    while low < high {
      let middle = (low + high) / 2
      if byLine[middle].line < line { low = middle + 1 } else { high = middle }
    }
    return low < byLine.count && byLine[low].line == line ? byLine[low].ids : []
  }

  /// Reads the claims of a script, which most scripts do not have: then this is one search.
  ///
  /// - Throws: a message about a comment that names nothing known, or stands elsewhere.
  init(source: [UInt8], name: String) throws(ScenarioError) {
    let marker = Array("-- covers:".utf8)
    guard Self.contains(source, marker) else { return }
    var open: (line: Int, ids: [String])?
    var number = 0
    for bytes in source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let line = bytes.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      if line.starts(with: marker) {
        let ids = try Self.identifiers(line.dropFirst(marker.count), place: "\(name):\(number)")
        if open == nil { open = (number, []) }
        open!.ids += ids
      } else if let claim = open {
        if line.starts(with: "it(".utf8) {
          byLine.append((number, claim.ids))
          open = nil
        } else if !line.starts(with: "--".utf8) {
          throw Self.misplaced(name, claim.line)
        }
      }
    }
    if let claim = open { throw Self.misplaced(name, claim.line) }
  }

  /// Whether `needle` is in the bytes. Looks for its rarest beginning first: scripts have few pairs of dashes.
  private static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
    guard bytes.count >= needle.count else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      for start in 0...(bytes.count - needle.count) where bytes[start] == needle[0] && bytes[start + 3] == needle[3] {
        if bytes[start..<(start + needle.count)].elementsEqual(needle) { return true }
      }
      return false
    }
  }

  private static func identifiers(_ text: some Collection<UInt8>, place: String) throws(ScenarioError) -> [String] {
    var ids: [String] = []
    for part in text.split(separator: UInt8(ascii: ",")) {
      let bytes = part.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\t") }
      let id = String(decoding: bytes, as: UTF8.self)
      guard InjectionPoint.named(id) != nil || ReviewDemand.named(id) != nil else {
        throw ScenarioError(
          text: "\(place): no injection point and no demand is called '\(escapeForDisplay(Array(id.utf8)))' (see Docs/Coverage.md)",
          traceback: "", isLimit: false)
      }
      ids.append(id)
    }
    guard !ids.isEmpty else { throw ScenarioError(text: "\(place): '-- covers:' names nothing", traceback: "", isLimit: false) }
    return ids
  }

  private static func misplaced(_ name: String, _ line: Int) -> ScenarioError {
    ScenarioError(text: "\(name):\(line): '-- covers:' stands directly above the 'it(' that it is about", traceback: "", isLimit: false)
  }
}

extension ScenarioContext {
  /// Each claim of a test that ran to its end is compared with what happened; one that is not borne out is a failure.
  func judgeClaims() {
    guard let claims = test?.claims, !claims.isEmpty, test?.status != .error else { return }
    let machines = machinesOfTest.map(\.machine)
    for id in claims {
      let missing: String?
      if let point = InjectionPoint.named(id) {
        missing = point.missing(in: machines)
      } else {
        missing = test?.checks == 0 ? "claims \(id), and checks nothing" : nil
      }
      if let missing {
        fail(TestFailure(file: test?.file ?? "", line: test?.line ?? 0, message: missing, traceback: "", lastEvents: lastEvents))
      } else {
        test?.covered.append(id)
      }
    }
  }
}
