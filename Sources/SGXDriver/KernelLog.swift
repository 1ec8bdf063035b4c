import LinuxKernel
import Simulation

/// A place in the driver that warns, once a boot (`WARN_ONCE` and its kin).
public enum WarningSite: UInt8, CaseIterable, Sendable {
  case EPA, EEXTEND, EREMOVE_LEAK, REL_SECS_CHILD, REL_SECS_RESIDENT, EINIT, EUPDATESVN, EBLOCK, ETRACK, EWB, ELDU

  public var name: String { String(describing: self) }

  /// The line in the kernel's log. `namesOnlyTheLeaf`: without what follows from it.
  public func text(value: UInt32, namesOnlyTheLeaf: Bool = false) -> String {
    let code = "\(value) (0x\(String(value, radix: 16)))"
    return switch self {
    case .EPA: "EPA returned \(code)"
    case .EEXTEND: "EEXTEND returned \(code)"
    case .EINIT: "EINIT returned \(code)"
    case .EUPDATESVN: "EUPDATESVN returned \(code)"
    case .EREMOVE_LEAK where namesOnlyTheLeaf: "EREMOVE returned \(code)"
    case .EBLOCK: "EBLOCK returned \(code)"
    case .ETRACK: "ETRACK returned \(code)"
    case .EWB: "EWB returned \(code)"
    case .ELDU: "ELDU returned \(code)"
    case .EREMOVE_LEAK: "EREMOVE returned \(code) and an EPC page was leaked. SGX may become unusable."
    case .REL_SECS_CHILD: "WARNING: sgx_encl_release: secs_child_cnt is \(value)"
    case .REL_SECS_RESIDENT: "WARNING: sgx_encl_release: the SECS page is still there"
    }
  }
}

/// One warning, as the log holds it.
public struct KernelWarning: Hashable, Sendable {
  public let site: WarningSite
  /// The encoded leaf result, or the count the warning names.
  public let value: UInt32
  public let tick: Tick
  /// The line.
  public let text: String
}

/// The kernel's log since boot, with the latches that let each site warn once.
public struct KernelLog: Sendable {
  public private(set) var warnings: [KernelWarning] = []
  private let namesOnlyTheLeaf: Bool

  init(namesOnlyTheLeaf: Bool = false) { self.namesOnlyTheLeaf = namesOnlyTheLeaf }

  /// How often each site wanted to warn, latched or not.
  public private(set) var occurrences = [UInt64](repeating: 0, count: WarningSite.allCases.count)

  mutating func warnOnce(_ site: WarningSite, value: UInt32, in environment: inout Environment) {
    occurrences[Int(site.rawValue)] += 1
    guard occurrences[Int(site.rawValue)] == 1 else { return }
    warnings.append(
      KernelWarning(
        site: site, value: value, tick: environment.now, text: site.text(value: value, namesOnlyTheLeaf: namesOnlyTheLeaf)))
    environment.trace.record(.warned(site: site.rawValue, value: value))
  }
}
