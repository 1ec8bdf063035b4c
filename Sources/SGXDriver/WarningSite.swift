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

extension KernelLog {
  /// The log of a kernel with this driver. `namesOnlyTheLeaf`: the line about a leaked page does not say what follows from it.
  init(namesOnlyTheLeaf: Bool = false) {
    self.init(siteCount: WarningSite.allCases.count) { site, value in
      WarningSite(rawValue: site)?.text(value: value, namesOnlyTheLeaf: namesOnlyTheLeaf) ?? "site \(site): \(value)"
    }
  }

  mutating func warnOnce(_ site: WarningSite, value: UInt32, in environment: inout Environment) {
    warnOnce(site: site.rawValue, value: value, in: &environment)
  }
}

extension KernelWarning {
  /// The place in the driver that warned.
  public var site: WarningSite {
    guard let site = WarningSite(rawValue: siteNumber) else { preconditionFailure("warning-site: the driver's own places warn") }
    return site
  }
}
