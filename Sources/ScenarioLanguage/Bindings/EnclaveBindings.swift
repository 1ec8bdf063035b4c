import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testbench

/// Calls on `/dev/sgx_enclave`. Their rows are in `API/EnclaveAPI.swift`.
enum EnclaveBindings {
  static func body(of key: String) -> APIBody? {
    switch key {
    case "create": create
    case "add_pages": addPages
    case "sign": LaunchBindings.signEnclave
    case "init": LaunchBindings.initialize
    case "provision": LaunchBindings.provision
    case "ioctl": ioctl
    case "dup": dup
    case "share": share
    case "close": close
    default: nil
    }
  }

  private static func create(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.enclave(arguments.call)
    let size = arguments.unsigned("size")
    var secs = SECS(
      size: size, baseAddress: LinearAddress(arguments.optionalUnsigned("base") ?? box.machine.takeBase(size: size)),
      ssaFrameSize: UInt32(truncatingIfNeeded: arguments.number("ssa_frame_size")),
      miscSelect: MiscSelect(rawValue: UInt32(truncatingIfNeeded: arguments.number("miscselect"))),
      attributes: AttributeFlags(rawValue: arguments.unsigned("attributes")), xfrm: XFRM(rawValue: arguments.unsigned("xfrm")))
    if let offset = arguments.optionalNumber("reserved_byte") {
      guard SECS.reservedRanges.contains(where: { $0.contains(Int(offset)) }) else {
        throw BindingError("enclave:create: byte \(offset) of a SECS is not reserved")
      }
      secs.reservedBytesSet = [Int(offset)]
    }
    var request = CreateRequest(secs: secs)
    request.argumentIsReadable = arguments.word("argument") == 0
    request.secsIsReadable = arguments.word("secs") == 0
    return try CallBindings.make(
      .create(CreateCall(process: box.process, descriptor: box.descriptor, request: request)), on: box.machine, arguments.call, context)
  }

  private static func addPages(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.enclave(arguments.call)
    let length = ByteCount(try arguments.length())
    var secInfo = SecInfo(flags: try secInfoFlags(arguments))
    if let byte = arguments.optionalNumber("secinfo.reserved_byte") { secInfo.reserved.setByte(Int(byte), to: 1) }
    let measures = try arguments.flag("measure")
    let flags = arguments.optionalUnsigned("flags") ?? (measures ? 1 : 0)
    var request = AddPagesRequest(
      source: UserAddress(arguments.unsigned("source")), enclaveOffset: EnclaveOffset(arguments.unsigned("offset")), length: length,
      secInfo: secInfo, flags: flags)
    request.argument =
      switch arguments.word("argument") {
      case 0: .readWrite
      case 1: .unreadable
      default: .readOnly
      }
    request.secInfoIsReadable = arguments.word("secinfo.access") == 0
    return try CallBindings.make(
      .addPages(AddPagesCall(process: box.process, descriptor: box.descriptor, request: request)), on: box.machine, arguments.call, context)
  }

  private static func secInfoFlags(_ arguments: borrowing Arguments) throws(BindingError) -> UInt64 {
    if let flags = arguments.optionalUnsigned("secinfo.flags") { return flags }
    let name = try arguments.text("secinfo.type") ?? ""
    guard let type = PageType.allCases.first(where: { $0.name == name }) else {
      throw BindingError(
        "\(arguments.row.owner): \(arguments.place("secinfo.type")): no page type is called '\(name)' (\(PageType.allCases.map(\.name).joined(separator: ", ")))")
    }
    return SecInfo(type: type, permissions: try arguments.permissions("secinfo.permissions")).flags
  }

  /// `add_page`, whose plain numbers are read where they lie: it is called for every page.
  static func direct(_ key: String, of kind: APIKind.Name, _ context: ScenarioContext) -> Binding? {
    guard kind == .enclave, key == "add_page" else { return nil }
    return { (call) throws(BindingError) in
      let box = try context.enclave(call)
      let request = AddPagesRequest(
        source: UserAddress(UInt64(bitPattern: try call.integer(2))), enclaveOffset: EnclaveOffset(UInt64(bitPattern: try call.integer(3))),
        length: ByteCount(pageSize), secInfo: SecInfo(flags: UInt64(bitPattern: try call.integer(4))), flags: try call.boolean(5) ? 1 : 0)
      if context.currentTask != nil {
        return try CallBindings.make(
          .addPages(AddPagesCall(process: box.process, descriptor: box.descriptor, request: request)), on: box.machine, call, context, .page)
      }
      guard call.charge(fuel: box.machine.look { $0.fuelForPage(isMeasured: request.flags == 1) }), context.keep(ModelMemory.bytesPerPage, call) else { return .done }
      if context.options.sweepFault != nil {
        let operation = Operation.addPages(AddPagesCall(process: box.process, descriptor: box.descriptor, request: request))
        guard context.sweep(operation, on: box.machine, call) else { return .done }
      }
      let result = box.machine.machine.addPages(request, descriptor: box.descriptor, process: box.process)
      if let errno = result.outcome.errno { try call.push(errno.name) } else { call.pushNil() }
      call.push(Int64(result.count ?? 0))
      return .done
    }
  }

  private static func ioctl(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.enclave(arguments.call)
    let command = UInt32(truncatingIfNeeded: arguments.number("command"))
    return try CallBindings.make(
      .unknownIoctl(UnknownIoctlCall(process: box.process, descriptor: box.descriptor, command: command)), on: box.machine, arguments.call,
      context)
  }

  private static func dup(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.enclave(arguments.call)
    return try duplicate(box, for: box.process, arguments, context)
  }

  private static func share(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.enclave(arguments.call)
    return try duplicate(box, for: try context.receiver(arguments.call, of: box.machine, arguments.row.owner), arguments, context)
  }

  private static func duplicate(
    _ box: EnclaveBox, for receiver: ProcessID, _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    guard
      let descriptor = try context.duplicate(
        box.descriptor, of: box.process, on: box.machine, for: receiver, arguments.row.owner, arguments.call)
    else { return .done }
    arguments.call.push(
      context.enclaves.insert(EnclaveBox(machine: box.machine, process: receiver, descriptor: descriptor, id: box.id)))
    return .done
  }

  private static func close(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.enclave(arguments.call)
    box.closedAt = arguments.call.scriptPlace
    return try CallBindings.make(
      .close(CloseCall(process: box.process, descriptor: box.descriptor)), on: box.machine, arguments.call, context)
  }
}

extension EnclaveBox {
  /// What EINIT would find now; nil before CREATE and after the EPC was lost.
  var measurement: Measurement? { secsRecord?.measurement }

  /// What the processor keeps of the enclave; nil before CREATE, after the EPC was lost, and while the SECS is evicted.
  var secsRecord: SECSRecord? {
    guard let page = machine.machine.driver[id].secsPage else { return nil }
    return machine.machine.processor.secsRecord(at: page)
  }
}

extension MachineBox {
  /// An address range of its own for an enclave that names none; 0 for sizes that cannot be placed.
  func takeBase(size: UInt64) -> UInt64 {
    guard size >= 4096, size <= 1 << 40, size & (size - 1) == 0 else { return 0 }
    let base = (nextBase + size - 1) & ~(size - 1)
    guard base + size <= 0x7fff_0000_0000 else { return 0 }
    nextBase = base + size
    return base
  }
}
