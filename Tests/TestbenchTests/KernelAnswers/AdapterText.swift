import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// Our values in the recording's spelling.
extension Adapter {
  /// `CI/page_cnt/pages/resident/secs_child_cnt/va_pages/secs_resident`
  static func text(_ enclave: Enclave) -> String {
    let flags = (enclave.state == .empty ? "0" : "1") + (enclave.state == .initialized ? "1" : "0")
    return
      "\(flags)/\(enclave.pageCount)/\(enclave.slots.count)/\(enclave.slots.residentCount)/\(enclave.secsChildCount)"
      + "/\(enclave.versionArrays.count)/\(enclave.secsPage == nil ? 0 : 1)"
  }

  /// `NAME=code`; the two warnings of release have no code.
  static func text(_ warning: KernelWarning) -> String {
    switch warning.site {
    case .EPA, .EEXTEND, .EREMOVE_LEAK, .EINIT, .EUPDATESVN, .EBLOCK, .ETRACK, .EWB, .ELDU: "\(warning.site.name)=\(warning.value)"
    case .REL_SECS_CHILD, .REL_SECS_RESIDENT: warning.site.name
    }
  }

  /// `1x3.6x48`; nil where no leaf ran.
  static func text(_ leaves: [UInt64]) -> String? {
    let parts = zip(LeafName.allCases, leaves).filter { $1 > 0 }.map { "\(String($0.number, radix: 16))x\($1)" }
    return parts.isEmpty ? nil : parts.joined(separator: ".")
  }
}

extension CreateRequest {
  init(_ operation: RecordedOperation) {
    let base = 0x1000_0000 * UInt64((operation.e ?? 0) + 1)
    var secs = SECS(
      size: operation.size ?? 0x4_0000, baseAddress: LinearAddress(operation.base ?? base),
      ssaFrameSize: operation.ssa ?? 1, miscSelect: MiscSelect(rawValue: operation.misc ?? 0),
      attributes: AttributeFlags(rawValue: operation.attr ?? 4), xfrm: XFRM(rawValue: operation.xfrm ?? 3))
    if let area = operation.rsv, area > 0 { secs.reservedBytesSet = [SECS.reservedRanges[Int(area) - 1].lowerBound] }
    self.init(secs: secs)
    argumentIsReadable = operation.argfault != "in"
    secsIsReadable = operation.srcfault != 1
  }
}

extension AddPagesRequest {
  init(_ operation: RecordedOperation) {
    var secInfo = SecInfo(flags: operation.si ?? 0x203)
    if let byte = operation.sirsv, byte > 0 { secInfo.reserved.setByte((byte - 1) % 56, to: 1) }
    self.init(
      source: UserAddress(operation.src ?? 0), enclaveOffset: EnclaveOffset(operation.off ?? 0),
      length: ByteCount(operation.len ?? 0), secInfo: secInfo, flags: operation.flags?.bits ?? 1)
    argument = operation.argfault == "in" ? .unreadable : operation.argfault == "out" ? .readOnly : .readWrite
    secInfoIsReadable = operation.sifault != 1
  }
}

extension InitRequest {
  /// The defaults are those of `create`, so a plain row fits a plain enclave.
  init(_ operation: RecordedOperation) {
    var sigStruct = SigStruct()
    sigStruct.vendor = operation.vendor ?? 0
    sigStruct.attributes = AttributeFlags(rawValue: operation.attr ?? 4)
    sigStruct.attributeMask = AttributeFlags(rawValue: operation.amask ?? 0)
    sigStruct.xfrm = XFRM(rawValue: operation.xfrm ?? 3)
    sigStruct.xfrmMask = XFRM(rawValue: operation.xmask ?? 0)
    sigStruct.miscSelect = MiscSelect(rawValue: operation.misc ?? 0)
    sigStruct.miscMask = MiscSelect(rawValue: operation.mmask ?? 0)
    self.init(sigStruct: sigStruct)
    argumentIsReadable = operation.argfault != "in"
    sigStructIsReadable = operation.sigfault != 1
  }
}

extension MmapRequest {
  init(_ operation: RecordedOperation) {
    self.init(
      address: UserAddress(operation.addr ?? 0), length: ByteCount(operation.len ?? 0),
      protection: PagePermissions(rawValue: operation.prot ?? 0))
    isShared = operation.flags?.word != "private"
    readImpliesExecute = operation.rie == 1
  }
}

extension Strikes {
  /// Calls that need no descriptor.
  static func memoryCall(_ operation: RecordedOperation, _ process: ProcessID) -> Testbench.Operation? {
    let address = UserAddress(operation.addr ?? 0)
    let length = ByteCount(operation.len ?? 0)
    switch operation.op {
    case "munmap": return .munmap(MunmapCall(process: process, address: address, length: length))
    case "mprotect":
      return .mprotect(
        MprotectCall(
          process: process, address: address, length: length, protection: PagePermissions(rawValue: operation.prot ?? 0),
          readImpliesExecute: operation.rie == 1))
    case "access":
      return .access(
        AccessCall(process: process, address: address, kind: operation.w == 1 ? .write : .read, touches: operation.touch != 0))
    case "reclaim": return .reclaim(ReclaimCall(.batches(operation.n ?? 0)))
    case "ksgxd": return .reclaim(ReclaimCall(.untilHighWatermark(batchesMax: operation.batches ?? 64)))
    default: return nil
    }
  }
}

/// Injections of a recorded operation as lines of the plan.
enum Strikes {
  static let signal = SignalNumber(14)!

  /// Plans them and returns their indices, to be cancelled when the operation is over.
  static func plan(_ operation: RecordedOperation, on machine: inout Machine) -> [Int] {
    var planned: [Int] = []
    for strike in operation.inj ?? [] {
      let sites = strike.leaf == "*" ? SiteSet(name: "leaf")! : SiteSet(site(strike.leaf))
      let times = strike.times < 0 ? nil : UInt64(strike.times)
      planned.append(machine.inject(injection(strike.result), at: .init(sites: sites, count: .nth(strike.nth), times: times)))
    }
    for strike in operation.fail ?? [] {
      let times = strike.times < 0 ? nil : UInt64(strike.times)
      let injection: Injection = strike.site == "pin" ? .badAddress : .noMemory
      planned.append(
        machine.inject(injection, at: .init(sites: SiteSet(site(strike.site)), count: .nth(strike.nth), times: times)))
    }
    if let poll = operation.sig, poll > 0 {
      planned.append(machine.inject(.signal(signal), at: .init(sites: SiteSet(.signalPoll), count: .nth(poll))))
    }
    return planned
  }

  private static func injection(_ result: RecordedOperation.LeafStrike.Result) -> Injection {
    switch result {
    case .word("power"): .powerCycle(.s3)
    case .word(let name): .leafFault(InjectedFault(rawValue: name)!)
    case .code(let code): .leafError(LeafError(rawValue: code)!)
    }
  }

  /// A leaf or an allocation site by the recording's name.
  static func site(_ name: String) -> Site {
    if let leaf = LeafName(name: name) { return .leaf(leaf) }
    return switch name {
    case "encl": .allocation(.enclave)
    case "srcu": .allocation(.srcu)
    case "secs_buf": .allocation(.secsBuffer)
    case "va_desc": .allocation(.vaDescriptor)
    case "page_desc": .allocation(.pageDescriptor)
    case "xa": .allocation(.slotMapNode)
    case "shmem_file": .allocation(.backingFile)
    case "backing": .allocation(.backing)
    case "encl_mm": .allocation(.enclaveMM)
    case "notifier": .allocation(.notifier)
    case "sig_buf": .allocation(.sigstructBuffer)
    case "crypto": .allocation(.crypto)
    case "pte": .allocation(.pageTableEntry)
    case "pin": .userCopy(.pin)
    default: preconditionFailure("a site of the recording: \(name)")
    }
  }
}
