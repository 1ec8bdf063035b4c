import LuaHost
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Testbench

/// SIGSTRUCT, INIT and PROVISION, and what can be seen of an initialised enclave.
enum LaunchBindings {
  static func register(on lua: Interpreter, _ context: ScenarioContext) {
    registerSigning(on: lua)
    registerCalls(on: lua, context)
    registerLooking(on: lua, context)
  }

  private static func registerSigning(on lua: Interpreter) {
    // The image with modulus, signature, Q1 and Q2 filled in.
    lua.register("sign") { (call) throws(BindingError) in
      // A private operation of 3072 bits is some milliseconds.
      guard call.charge(fuel: 100_000) else { return .done }
      let key: SigningKey =
        switch try call.string(2) {
        case "test": .test
        case "other": .otherTest
        case let name: throw BindingError("sgx.sigstruct: no key is called '\(name)' (test, other)")
        }
      var sigStruct = try sigStruct(try call.bytes(1), "sgx.sigstruct")
      sigStruct.sign(with: key)
      try call.push(sigStruct.bytes)
      return .done
    }
  }

  /// Bytes of a fixed length, as bytes or in hexadecimal.
  static func registerHex(on lua: Interpreter) {
    lua.register("from_hex") { (call) throws(BindingError) in
      let (owner, digits, length) = (try call.string(1), try call.bytes(2), Int(try call.integer(3)))
      guard digits.count == 2 * length, let bytes = [UInt8](hex: digits) else {
        throw BindingError("\(owner) must be \(length) bytes or \(2 * length) hexadecimal digits, got \"\(escapeForDisplay(digits.prefix(80)))\"")
      }
      try call.push(bytes)
      return .done
    }
  }

  private static func registerCalls(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("init") { (call) throws(BindingError) in
      let box = try context.enclave(call)
      var request = InitRequest(sigStruct: try sigStruct(try call.bytes(2), "enclave:init: field 'sigstruct'"))
      request.argumentIsReadable = try call.string(3) == "readable"
      request.sigStructIsReadable = try call.string(4) == "readable"
      return try CallBindings.make(
        .initialize(InitCall(process: box.process, descriptor: box.descriptor, request: request)), on: box.machine, call, context)
    }
    lua.register("provision") { (call) throws(BindingError) in
      let box = try context.enclave(call)
      var request = ProvisionRequest(fd: UInt64(bitPattern: try call.integer(2)))
      request.argumentIsReadable = try call.string(3) == "readable"
      return try CallBindings.make(
        .provision(ProvisionCall(process: box.process, descriptor: box.descriptor, request: request)), on: box.machine, call, context)
    }
  }

  private static func registerLooking(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("enclave_attributes_mask") { (call) throws(BindingError) in
      let box = try context.enclave(call)
      call.push(Int64(bitPattern: box.machine.machine.driver[box.id].attributesMask.rawValue))
      return .done
    }
    func digest(_ name: String, _ read: @escaping (EnclaveIdentity) -> Digest) {
      lua.register(name) { (call) throws(BindingError) in
        let box = try context.enclave(call)
        guard call.charge(fuel: 300 + Int64(box.machine.machine.processor.secsRecords.count)) else { return .done }
        if let identity = box.identity { try call.push(read(identity).hex) } else { call.pushNil() }
        return .done
      }
    }
    digest("enclave_mrenclave") { $0.mrEnclave }
    digest("enclave_mrsigner") { $0.mrSigner }
  }

  private static func sigStruct(_ bytes: [UInt8], _ owner: String) throws(BindingError) -> SigStruct {
    do throws(SigStruct.WrongSize) {
      return try SigStruct(bytes: bytes)
    } catch {
      throw BindingError("\(owner): a SIGSTRUCT has \(SigStruct.size) bytes, got \(error.found)")
    }
  }
}

extension EnclaveBox {
  /// What EINIT wrote into the SECS; nil before, and after the EPC was lost.
  fileprivate var identity: EnclaveIdentity? { secsRecord?.identity }
}
