/// A change to the driver: the mainline release that first has it, and those stable releases that took it over.
///
/// Stable lines that branched off later have it from the mainline.
public struct KernelChange: Hashable, Sendable {
  /// The first mainline release with it.
  public let mainline: KernelVersion
  /// The first release with it on each stable line that branched off before.
  public let backPorts: [KernelVersion]

  /// `.release(6, 12)`, or `.release(6, 12, backPorts: [.init(6, 1, 113)])`.
  static func release(_ major: UInt32, _ minor: UInt32, backPorts: [KernelVersion] = []) -> KernelChange {
    KernelChange(mainline: KernelVersion(major, minor), backPorts: backPorts)
  }

  /// Whether a release has it.
  public func isIn(_ kernel: KernelVersion) -> Bool {
    kernel >= mainline || backPorts.contains { kernel.isOnLine(of: $0) && kernel >= $0 }
  }

  /// `6.12 (5.15.168, 6.1.113)`.
  public var text: String {
    backPorts.isEmpty ? mainline.text : "\(mainline.text) (\(backPorts.map(\.text).joined(separator: ", ")))"
  }
}
