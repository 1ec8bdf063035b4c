#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension RunReport {
  /// The report for programs: keys in the order of the alphabet, two spaces a level.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { preconditionFailure("report-encodes: a report is made of strings and numbers") }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}
