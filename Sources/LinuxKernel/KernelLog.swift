import Simulation

/// One warning, as the log holds it.
public struct KernelWarning: Hashable, Sendable {
  /// The place that warned, as its driver counts them.
  package let siteNumber: UInt8
  /// The number that the line names.
  public let value: UInt32
  public let tick: Tick
  /// The line.
  public let text: String
}

/// The kernel's log since boot, with the latches that let each place warn once (`WARN_ONCE` and its kin).
///
/// The places and their lines are the driver's, which hands them in.
public struct KernelLog: Sendable {
  public private(set) var warnings: [KernelWarning] = []
  private let text: @Sendable (_ site: UInt8, _ value: UInt32) -> String

  /// - Parameters:
  ///   - siteCount: places that warn, numbered from 0.
  ///   - text: the line of a place, with the number that it names.
  package init(siteCount: Int, text: @escaping @Sendable (_ site: UInt8, _ value: UInt32) -> String) {
    self.text = text
    occurrences = [UInt64](repeating: 0, count: siteCount)
  }

  /// How often each site wanted to warn, latched or not.
  public private(set) var occurrences: [UInt64]

  package mutating func warnOnce(site: UInt8, value: UInt32, in environment: inout Environment) {
    occurrences[Int(site)] += 1
    guard occurrences[Int(site)] == 1 else { return }
    warnings.append(KernelWarning(siteNumber: site, value: value, tick: environment.now, text: text(site, value)))
    environment.trace.record(.warned(site: site, value: value))
  }
}
