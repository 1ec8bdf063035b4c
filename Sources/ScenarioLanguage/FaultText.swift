import LinuxKernel
import SGXArchitecture
import SGXDriver
import Simulation

/// Faults and sites as `machine:inject` and `--inject` spell them.
public enum FaultText {
  /// A message about a word that is wrong.
  public struct Problem: Error, Sendable {
    public let text: String
  }

  /// Reads `FAULT@SITE[,nth=N|,every=N|,visit=N][,times=N|,persistent]`, for example `power@leaf:EEXTEND,nth=3`.
  public static func parse(_ text: String) throws(Problem) -> PlannedFault {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let head = parts[0].split(separator: "@", maxSplits: 1)
    guard head.count == 2 else {
      throw Problem(text: "'\(text)' is not FAULT@SITE[,nth=N]; for example power@leaf:EEXTEND,nth=3")
    }
    var counted = "nth"
    var n: UInt64 = 1
    var times: UInt64 = 1
    for part in parts.dropFirst() {
      if part == "persistent" {
        times = 0
        continue
      }
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, ["nth", "every", "visit", "times"].contains(pair[0]), let value = UInt64(pair[1]), value > 0 else {
        throw Problem(text: "'\(part)' in '\(text)' is not nth=N, every=N, visit=N, times=N or persistent, with N from 1")
      }
      if pair[0] == "times" { times = value } else { (counted, n) = (String(pair[0]), value) }
    }
    let (fault, detail) = split(String(head[0]))
    let injection = try injection(fault, detail: detail, address: 0, length: 0)
    return try plan(injection, site: String(head[1]), counted: counted, n: n, times: times)
  }

  /// Reads a fault alone, as `sweep --fault` has it.
  public static func parseFault(_ text: String) throws(Problem) -> Injection {
    let (fault, detail) = split(text)
    return try injection(fault, detail: detail, address: 0, length: 0)
  }

  /// `power:S4` is a fault with a detail; a signal's name is a fault of its own.
  private static func split(_ word: String) -> (String, String?) {
    if SignalNumber(name: word) != nil { return ("signal", word) }
    let parts = word.split(separator: ":", maxSplits: 1)
    return (String(parts.first ?? ""), parts.count == 2 ? String(parts[1]) : nil)
  }

  /// The injection that a word names.
  static func injection(_ fault: String, detail: String?, address: UInt64, length: UInt64) throws(Problem) -> Injection {
    switch fault {
    case "power":
      guard let kind = detail.map(PowerCycleKind.init(rawValue:)) ?? .s3 else {
        throw Problem(text: "no power cycle is called '\(detail ?? "")' (\(PowerCycleKind.allCases.map(\.rawValue).joined(separator: ", ")))")
      }
      return .powerCycle(kind)
    case "nomem": return .noMemory
    case "efault": return .badAddress
    case "UD", "GP", "PF": return .leafFault(InjectedFault(rawValue: fault)!)
    case "code":
      guard let code = detail.flatMap(LeafError.init(name:)) else {
        throw Problem(text: "no leaf answers '\(detail ?? "")'; codes are spelled as in the manual: SGX_CHILD_PRESENT")
      }
      return .leafError(code)
    case "signal":
      guard let signal = detail.flatMap(SignalNumber.init(name:)) else {
        throw Problem(text: "no signal is called '\(detail ?? "")'")
      }
      return .signal(signal)
    case "unmap":
      // The command line knows no address, so it has no unmap.
      guard address % pageSize == 0, length > 0, length % pageSize == 0, address <= AddressSpace.end.rawValue,
        length <= AddressSpace.end.rawValue - address
      else { throw Problem(text: "unmap needs 'address' and 'length': whole pages of user space, at least one") }
      return .unmap(UserAddress(address), ByteCount(length))
    case "other_task": return .runAnotherTask
    default:
      throw Problem(text: "no fault is called '\(fault)' (power, nomem, efault, UD, GP, PF, code, signal, unmap, other_task)")
    }
  }

  /// Puts fault and site together; a fault strikes only where it can.
  static func plan(
    _ injection: Injection, site: String?, counted: String, n: UInt64, times: UInt64
  ) throws(Problem) -> PlannedFault {
    let name = site ?? (counted == "visit" ? "any" : "")
    guard let sites = SiteSet(name: name) else {
      throw Problem(text: site == nil ? "the site is missing (at = { site = … })" : "no site is called '\(name)' (leaf:EADD, allocation:phys_page, user_copy:pin, signal_poll, preemption, any)")
    }
    let possible = sites.restricted(to: injection.sites)
    guard let possible, name == "any" || possible.mask == sites.mask else {
      throw Problem(text: "\(injection.name) cannot strike at \(name)")
    }
    guard n > 0, n <= Int64.max else { throw Problem(text: "visits are counted from 1") }
    let count: InjectionTrigger.Count = counted == "every" ? .every(n) : counted == "visit" ? .visit(n) : .nth(n)
    return PlannedFault(
      injection: injection, trigger: InjectionTrigger(sites: possible, count: count, times: times == 0 ? nil : times))
  }
}
