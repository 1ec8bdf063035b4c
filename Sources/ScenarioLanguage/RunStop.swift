import LuaHost

/// Ends runs from outside: from another thread, or from a signal handler.
public final class RunStop: Sendable {
  let stopSwitch = StopSwitch()

  public init() {}

  /// Asks for an end, for a reason of less than 128 bytes. The first reason wins, and there is no way back.
  public func request(_ reason: String) { stopSwitch.request(reason) }

  public var isRequested: Bool { stopSwitch.isRequested }
}
