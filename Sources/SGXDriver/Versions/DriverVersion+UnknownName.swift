extension DriverVersion {
  /// A spelling that means no driver.
  public struct UnknownName: Error, Hashable, Sendable {
    public let name: String
    public let reason: Reason

    public enum Reason: Hashable, Sendable {
      /// Neither a release of Linux nor a name.
      case noDriver
      /// A release of Linux from before the driver.
      case tooOld
      /// No behaviour is called so.
      case noBehaviour(String)
      /// The behaviour is known, but what it is about is not built.
      case unread(String)
      case switchedTwice(String)
      /// Behaviours that no driver can have together: why.
      case conflict(String)
    }

    public var isTooOld: Bool { reason == .tooOld }

    public var text: String {
      switch reason {
      case .noDriver: "no driver is called '\(name)' (\(Self.known), or any release of Linux since \(DriverRelease.first.text))"
      case .tooOld: "Linux \(name) has no SGX driver: the first is \(DriverRelease.first.text) (\(Self.known))"
      case .noBehaviour(let behaviour):
        "driver '\(name)': no behaviour is called '\(behaviour)' (sgxbench explain drivers lists them)"
      case .unread(let behaviour):
        "driver '\(name)': nothing asks for '\(behaviour)' yet, so it cannot be switched (sgxbench explain drivers)"
      case .switchedTwice(let behaviour): "driver '\(name)': '\(behaviour)' is switched twice"
      case .conflict(let why): "driver '\(name)': \(why)"
      }
    }

    private static var known: String { DriverRelease.known.map(\.name).joined(separator: ", ") }
  }

  /// Why no driver can have these behaviours together; nil where one can.
  public var conflict: String? {
    reclaims && !hasVersionArrays
      ? "'reclaims' cannot be on where 'hasVersionArrays' is off: EWB keeps the version of each page in a slot of a version array"
      : nil
  }
}
