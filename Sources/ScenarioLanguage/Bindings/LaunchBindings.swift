import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Testbench

/// SIGSTRUCT, INIT and PROVISION.
enum LaunchBindings {
  /// `sgx.sigstruct`
  static func sigStruct(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    try sign(arguments, enclaveHash: try arguments.binary("enclave_hash"))
  }

  /// `enclave:sign`
  static func signEnclave(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.enclave(arguments.call)
    if !arguments.isAbsent("enclave_hash") { return try sign(arguments, enclaveHash: try arguments.binary("enclave_hash")) }
    guard arguments.call.charge(fuel: 300 + Int64(box.machine.look { $0.processor.secsRecords.count })) else { return .done }
    guard let measurement = box.measurement else {
      throw BindingError("enclave:sign: there is no measurement: the enclave is not created, or its EPC was lost")
    }
    return try sign(arguments, enclaveHash: measurement.digest.bytes)
  }

  private static func sign(_ arguments: borrowing Arguments, enclaveHash: [UInt8]) throws(BindingError) -> LuaHost.CallOutcome {
    var sigStruct = SigStruct()
    sigStruct.vendor = UInt32(truncatingIfNeeded: arguments.number("vendor"))
    sigStruct.date = UInt32(truncatingIfNeeded: arguments.number("date"))
    sigStruct.swDefined = UInt32(truncatingIfNeeded: arguments.number("swdefined"))
    sigStruct.miscSelect = MiscSelect(rawValue: UInt32(truncatingIfNeeded: arguments.number("miscselect")))
    sigStruct.miscMask = MiscSelect(rawValue: UInt32(truncatingIfNeeded: arguments.number("misc_mask")))
    sigStruct.cetAttributes = UInt8(truncatingIfNeeded: arguments.number("cet_attributes"))
    sigStruct.cetAttributesMask = UInt8(truncatingIfNeeded: arguments.number("cet_attributes_mask"))
    sigStruct.attributes = AttributeFlags(rawValue: arguments.unsigned("attributes"))
    sigStruct.attributeMask = AttributeFlags(rawValue: arguments.unsigned("attributes_mask"))
    sigStruct.xfrm = XFRM(rawValue: arguments.unsigned("xfrm"))
    sigStruct.xfrmMask = XFRM(rawValue: arguments.unsigned("xfrm_mask"))
    sigStruct[.isvFamilyID] = try arguments.binary("isvfamilyid")
    sigStruct[.isvExtProdID] = try arguments.binary("isvextprodid")
    sigStruct[.enclaveHash] = enclaveHash
    sigStruct[.isvProdID] = littleEndian(arguments.number("isvprodid"))
    sigStruct[.isvSVN] = littleEndian(arguments.number("isvsvn"))
    try edit(&sigStruct, "edit_signed", arguments)
    let key: SigningKey =
      switch try arguments.text("key") ?? "" {
      case "test": .test
      case "other": .otherTest
      case let name: throw BindingError("\(arguments.row.owner): no key is called '\(escapeForDisplay(Array(name.utf8)))' (test, other)")
      }
    // A private operation of 3072 bits is some milliseconds.
    guard arguments.call.charge(fuel: 100_000) else { return .done }
    sigStruct.sign(with: key)
    try edit(&sigStruct, "edit", arguments)
    try arguments.call.push(sigStruct.bytes)
    return .done
  }

  private static func littleEndian(_ value: Int64) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
  }

  /// Sets single bytes: { { at = 44, byte = 1 }, ... }.
  private static func edit(_ sigStruct: inout SigStruct, _ key: String, _ arguments: borrowing Arguments) throws(BindingError) {
    for (at, byte) in try arguments.pairs(key) {
      sigStruct[offset: Int(at)] = UInt8(truncatingIfNeeded: byte)
    }
  }

  static func initialize(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.enclave(arguments.call)
    let bytes = try arguments.bytes("sigstruct")
    guard bytes.count == SigStruct.size, let sigStruct = try? SigStruct(bytes: bytes) else {
      throw BindingError("\(arguments.row.owner): \(arguments.place("sigstruct")): a SIGSTRUCT has \(SigStruct.size) bytes, got \(bytes.count)")
    }
    var request = InitRequest(sigStruct: sigStruct)
    request.argumentIsReadable = arguments.word("argument") == 0
    request.sigStructIsReadable = arguments.word("access") == 0
    return try CallBindings.make(
      .initialize(InitCall(process: box.process, descriptor: box.descriptor, request: request)), on: box.machine, arguments.call, context)
  }

  static func provision(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.enclave(arguments.call)
    var request = ProvisionRequest(fd: UInt64(bitPattern: try descriptor(arguments, context)))
    request.argumentIsReadable = arguments.word("argument") == 0
    return try CallBindings.make(
      .provision(ProvisionCall(process: box.process, descriptor: box.descriptor, request: request)), on: box.machine, arguments.call, context)
  }

  /// A descriptor's number, said as one or by a handle that has one.
  private static func descriptor(_ arguments: borrowing Arguments, _ context: ScenarioContext) throws(BindingError) -> Int64 {
    if let number = arguments.optionalNumber("descriptor") { return number }
    let position = arguments.position("descriptor")
    guard case .handle(let handle) = arguments.call.value(position) else { preconditionFailure("api-descriptors: a number or a handle") }
    if handle.type == context.provisionType { return Int64(try context.provision(arguments.call, position).descriptor.rawValue) }
    guard handle.type == context.enclaveType else {
      throw arguments.problem("descriptor", "must be a descriptor, a number or a handle that has one, got a handle of type \(handle.type.name)")
    }
    return Int64(try context.enclave(arguments.call, position).descriptor.rawValue)
  }
}
