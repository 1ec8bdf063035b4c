import Simulation

/// What a process does with a signal.
public enum SignalDisposition: Hashable, Sendable {
  case defaultAction
  case ignored
  /// A handler runs; `restarts` is SA_RESTART.
  case handler(restarts: Bool)
}

/// The signals of one process: dispositions, mask, and what is pending (signal(7)).
public struct PendingSignals: Hashable, Sendable {
  private var dispositions = [SignalDisposition](repeating: .defaultAction, count: 65)
  /// Bit n-1 stands for signal n.
  public private(set) var blocked: UInt64 = 0
  public private(set) var pending: UInt64 = 0

  public init() {}

  /// True where the kernel's signal_pending() would be: something is pending that is not blocked.
  public var interrupts: Bool { pending & ~blocked != 0 }

  /// True where a signal is pending that nothing can keep from killing (fatal_signal_pending).
  package var kills: Bool { pending & SignalNumber.kill.bit != 0 }

  public mutating func setDisposition(_ disposition: SignalDisposition, of signal: SignalNumber) {
    guard signal != .kill, signal != .stop else { return }
    dispositions[Int(signal.rawValue)] = disposition
    if discards(signal) { pending &= ~signal.bit }
  }

  public func disposition(of signal: SignalNumber) -> SignalDisposition { dispositions[Int(signal.rawValue)] }

  /// Blocks or unblocks; SIGKILL and SIGSTOP cannot be blocked.
  public mutating func setBlocked(_ isBlocked: Bool, _ signal: SignalNumber) {
    guard signal != .kill, signal != .stop else { return }
    blocked = isBlocked ? blocked | signal.bit : blocked & ~signal.bit
  }

  /// Makes a signal pending. One that would be ignored is dropped, unless it is blocked now.
  public mutating func send(_ signal: SignalNumber) {
    if discards(signal) && blocked & signal.bit == 0 { return }
    pending |= signal.bit
  }

  /// What happens to the lowest pending signal that is not blocked, on the way back to user space.
  public mutating func deliver() -> SignalDelivery? {
    let deliverable = pending & ~blocked
    guard deliverable != 0, let signal = SignalNumber(deliverable.trailingZeroBitCount + 1) else { return nil }
    pending &= ~signal.bit
    if discards(signal) { return .nothing(signal) }
    switch disposition(of: signal) {
    case .handler(let restarts): return .handler(signal, restarts: restarts)
    case .ignored: return .nothing(signal)
    case .defaultAction: return signal.defaultAction == .terminate ? .terminate(signal) : .nothing(signal)
    }
  }

  private func discards(_ signal: SignalNumber) -> Bool {
    switch disposition(of: signal) {
    case .ignored: true
    case .defaultAction: signal.defaultAction == .ignore
    case .handler: false
    }
  }
}

/// One signal on its way to user space.
public enum SignalDelivery: Hashable, Sendable {
  case handler(SignalNumber, restarts: Bool)
  /// No handler runs: it was ignored, or stopped the process, which then went on.
  case nothing(SignalNumber)
  case terminate(SignalNumber)
}
