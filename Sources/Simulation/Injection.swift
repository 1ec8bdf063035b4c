import SGXArchitecture

/// What the bench does to the run when a planned visit comes.
public enum Injection: Hashable, Sendable, BitwiseCopyable {
  /// The EPC loses everything; the leaf that was about to run then runs.
  case powerCycle(PowerCycleKind)
  /// The leaf does nothing and leaves this code.
  case leafError(LeafError)
  /// The leaf does nothing and raises this exception.
  case leafFault(InjectedFault)
  /// The allocation finds no memory; for the pool: no page.
  case noMemory
  /// The copy, or the pin, meets an address that is not there.
  case badAddress
  /// From here on this signal is pending for the process.
  case signal(SignalNumber)
  /// Another thread unmaps these bytes of the process.
  case unmap(UserAddress, ByteCount)
  /// The scheduler goes on with another task that can run.
  case runAnotherTask

  /// Sites where this can strike.
  public var sites: SiteMask {
    switch self {
    case .powerCycle: SiteMask(every: .leaf).union(SiteMask(every: .preemption))
    case .leafError, .leafFault: SiteMask(every: .leaf)
    case .noMemory: SiteMask(every: .allocation)
    case .badAddress: SiteMask(every: .userCopy)
    case .signal: SiteMask(every: .signalPoll).union(SiteMask(every: .preemption))
    case .unmap, .runAnotherTask: SiteMask(every: .preemption)
    }
  }
}

/// How the EPC was lost. The processor treats the three alike (SDM 3D, "Interactions with Power States").
public enum PowerCycleKind: String, CaseIterable, Sendable, BitwiseCopyable {
  case s3 = "S3"
  case s4 = "S4"
  case migration
}

/// An exception without an address: the leaf's own operand supplies that.
public enum InjectedFault: String, CaseIterable, Sendable, BitwiseCopyable {
  case invalidOpcode = "UD"
  case generalProtection = "GP"
  case pageFault = "PF"
}

/// A Linux signal number, 1 to 64.
public struct SignalNumber: Hashable, Comparable, Sendable, BitwiseCopyable {
  public let rawValue: UInt8
  public init?(_ number: Int) {
    guard (1...64).contains(number) else { return nil }
    rawValue = UInt8(number)
  }
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
