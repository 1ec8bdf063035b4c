import Simulation

/// What user space, or the kernel's own thread, asked for. The raw value is the call's number in events and its place in `CallRegistry`.
public enum OperationName: UInt8, CaseIterable, Sendable {
  case open, create, addPages, initialize, provision, close, unknownIoctl, mmap, mprotect, munmap, access, reclaim

  /// The word for it in traces, reports and scenarios: `add_pages`.
  public var text: String { row.word }

  public var number: CallNumber { CallNumber(rawValue) }

  public init?(_ number: CallNumber) { self.init(rawValue: number.rawValue) }
}

extension CallNumber {
  /// The call's word, or its number where there is no such call.
  public var text: String { OperationName(self)?.text ?? "call \(rawValue)" }
}
