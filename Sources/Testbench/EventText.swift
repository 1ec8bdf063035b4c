import LinuxKernel
import SGXArchitecture
import SGXDriver
import Simulation

extension Event {
  /// One line for a reader: what happened, to what, with which result.
  public var text: String {
    switch self {
    // A leaf without a page, or with an operand that is no EPC.
    case .leaf(let name, let page, let result) where page.rawValue == .max: "\(name.name): \(result.text)"
    case .leaf(let name, let page, let result): "\(name.name) page \(page.rawValue): \(result.text)"
    case .extended(let page, let chunks): "EEXTEND page \(page.rawValue), \(chunks) chunks: done"
    case .thrownOut(let page, let vector?): "thread of TCS page \(page.rawValue) leaves its enclave: \(Self.exceptionName(vector))"
    case .thrownOut(let page, nil): "thread of TCS page \(page.rawValue) leaves its enclave: interrupt"
    case .powerCycled(let kind): "power cycle (\(kind.rawValue)): the EPC is lost"
    case .injected(let injection, let site): "injected \(injection.name) at \(site.name)"
    case .operationBegan(let name, .max): "the kernel begins \(name.text)"
    case .operationEnded(let name, .max, _): "the kernel ends \(name.text)"
    case .operationBegan(let name, let process): "process \(process) calls \(name.text)"
    case .operationEnded(let name, let process, let result): "\(name.text) of process \(process) answers \(Self.answer(result))"
    case .slotFilled(let enclave, let offset, let page): "enclave \(enclave) slot \(offset.text) is page \(page.rawValue)"
    case .slotReleased(let enclave, let offset): "enclave \(enclave) slot \(offset.text) is gone"
    case .slotEvicted(let enclave, let offset, let page): "enclave \(enclave) slot \(offset.text) leaves page \(page.rawValue)"
    case .slotLoaded(let enclave, let offset, let page): "enclave \(enclave) slot \(offset.text) is back in page \(page.rawValue)"
    case .secsEvicted(let enclave, let page): "the SECS of enclave \(enclave) leaves page \(page.rawValue)"
    case .secsLoaded(let enclave, let page): "the SECS of enclave \(enclave) is back in page \(page.rawValue)"
    case .threadsInterrupted(let enclave): "the processors that may run enclave \(enclave) are interrupted"
    case .pageAllocated(let page): "page \(page.rawValue) allocated"
    case .pageFreed(let page): "page \(page.rawValue) freed"
    case .pageLeaked(let page): "page \(page.rawValue) leaked"
    case .memoryWritten(let process): "process \(process) changes its memory"
    case .poolEmpty: "no page of EPC is free"
    case .copyFailed(let kind): "\(Site.userCopy(kind).name) failed"
    case .warned(let site, let value): "kernel warns: \(WarningSite(rawValue: site)?.text(value: value, namesOnlyTheLeaf: true) ?? "site \(site)")"
    case .signalPending(let signal): "\(signal.name) is pending"
    case .signalDelivered(let signal): "\(signal.name) is delivered"
    case .restarted(let name): "\(name.text) is called again"
    case .slept(let milliseconds): "sleeps for \(milliseconds) ms"
    }
  }

  private static func exceptionName(_ vector: UInt8) -> String {
    switch vector {
    case 0: "#DE"
    case 1: "#DB"
    case 3: "#BP"
    case 5: "#BR"
    case 6: "#UD"
    case 7: "#NM"
    case 13: "#GP"
    case 14: "#PF"
    case 16: "#MF"
    case 17: "#AC"
    case 19: "#XM"
    case 21: "#CP"
    default: "exception \(vector)"
    }
  }

  private static func answer(_ result: Int32) -> String {
    if result == 0 { return "0" }
    if result == -512 { return "ERESTARTSYS" }
    if result == .min { return "an uninitialised value" }
    if result > 0 { return "\(result) (\(LeafResult(encoded: UInt32(result)).text))" }
    return Errno(rawValue: -result).map { "-\($0.name)" } ?? "\(result)"
  }
}

extension EnclaveOffset {
  fileprivate var text: String { "0x\(String(rawValue, radix: 16))" }
}

extension LeafResult {
  /// `done`, a code's name, or the exception.
  public var text: String {
    if encoded == 0 { return "done" }
    if let vector {
      switch vector {
      case 6: return "#UD"
      case 7: return "#NM"
      case 13: return "#GP"
      case 14: return "#PF"
      default: return "exception \(vector)"
      }
    }
    return LeafError(rawValue: encoded)?.name ?? "code \(encoded)"
  }
}

extension Injection {
  /// Spelling in scenarios, on the command line and in traces.
  public var name: String {
    switch self {
    case .powerCycle(let kind): "power (\(kind.rawValue))"
    case .leafError(let code): code.name
    case .leafFault(let fault): fault.rawValue
    case .noMemory: "nomem"
    case .badAddress: "efault"
    case .signal(let signal): signal.name
    case .unmap(let start, let length): "unmap 0x\(String(start.rawValue, radix: 16)) + \(length.rawValue)"
    case .runAnotherTask: "other_task"
    }
  }
}
