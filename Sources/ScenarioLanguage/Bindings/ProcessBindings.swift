import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import Simulation
import Testbench

/// Memory, signals and descriptors of a process. Its rows are in `API/ProcessAPI.swift`.
enum ProcessBindings {
  static func body(of key: String) -> APIBody? {
    switch key {
    case "map": map
    case "unmap": unmap
    case "protect": protect
    case "write": write
    case "read": MemoryBindings.read
    case "mmap": MemoryBindings.mmap
    case "mprotect": MemoryBindings.mprotect
    case "munmap": MemoryBindings.munmap
    case "ioctl": ioctl
    case "sigaction": sigaction
    case "block": block
    case "unblock": unblock
    case "send": send
    case "open": open
    default: nil
    }
  }

  static func look(at key: String) -> APIBody? {
    switch key {
    case "alive": isAlive
    default: nil
    }
  }

  private static func isAlive(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    arguments.call.push(box.machine.look { $0.driver.processes[box.id.rawValue].isAlive })
    return .done
  }

  /// Devices by path.
  private static let devices: [(path: String, isProvision: Bool, place: DevicePath)] = [
    ("/dev/sgx_enclave", false, .flat), ("/dev/sgx_provision", true, .flat), ("/dev/sgx/enclave", false, .directory),
    ("/dev/sgx/provision", true, .directory),
  ]

  private static func open(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    let path = try arguments.text("path")
    let device = path.flatMap { path in devices.first { $0.path == path } }
    if let path, device == nil {
      throw BindingError(
        "process:open: there is no '\(escapeForDisplay(Array(path.utf8)))'\(NearestWord.suggestion(for: path, among: devices.map(\.path)))"
          + "; the devices are /dev/sgx_enclave and /dev/sgx_provision, in v39 /dev/sgx/enclave and /dev/sgx/provision")
    }
    guard box.machine.look({ $0.driver.processes[box.id.rawValue].isAlive }) else { throw BindingError("process:open: the process has ended") }
    if device?.isProvision == true { return try ProvisionBindings.open(box, at: device?.place, arguments, context) }
    return try CallBindings.make(
      .open(OpenCall(process: box.id, path: device?.place)), on: box.machine, arguments.call, context, .enclave(box.id))
  }

  /// ioctl(2) by bytes.
  private static func ioctl(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    guard box.machine.look({ $0.driver.processes[box.id.rawValue].isAlive }) else { throw BindingError("process:ioctl: the process has ended") }
    let number = arguments.number("descriptor")
    guard let descriptor = Int32(exactly: number) else { throw arguments.problem("descriptor", "is no descriptor: \(number)") }
    let operation = Operation.ioctl(
      command: UInt32(truncatingIfNeeded: arguments.number("command")), argument: try arguments.optionalBytes("bytes"),
      descriptor: FileDescriptor(descriptor), process: box.id)
    return try CallBindings.make(operation, on: box.machine, arguments.call, context)
  }

  // Memory

  private static func map(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    let address = arguments.optionalUnsigned("address").map { UserAddress($0) }
    let length = ByteCount(try arguments.length())
    try checkRange(address ?? UserAddress(0), length, owner: "process:map")
    guard address != nil || box.machine.look({ $0.driver.processes[box.id.rawValue].memory.hasRoom(for: length) }) else {
      throw BindingError("process:map: \(length.rawValue) bytes do not fit into what is left of the address space")
    }
    let protection = try arguments.permissions("prot")
    let byte = UInt8(truncatingIfNeeded: arguments.number("fill"))
    let bytes = try arguments.optionalBytes("bytes")
    if let bytes, UInt64(bytes.count) > length.rawValue {
      throw BindingError("process:map: \(arguments.name("bytes")) has \(bytes.count) bytes, the mapping \(length.rawValue)")
    }
    let mayExecute = try !arguments.flag("noexec")
    guard charge(toChange: address == nil ? ByteCount(0) : length, at: address ?? UserAddress(0), of: box, arguments),
      arguments.call.charge(fuel: Int64((bytes?.count ?? 0) / 8)), context.keep(256 + (bytes?.count ?? 0), arguments.call)
    else { return .done }
    let kind: Mapping.Kind = try arguments.flag("page_frames") ? .pageFrames : .anonymous
    let mapped = box.machine.machine.withProcess(box.id) {
      $0.memory.map(
        at: address, length: length, protection: protection, mayExecute: mayExecute, kind: kind,
        contents: bytes.map { .block(ContentBlock($0)) } ?? .fill(byte))
    }
    arguments.call.push(Int64(bitPattern: mapped.rawValue))
    return .done
  }

  private static func unmap(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    let (start, length) = try range(arguments)
    // In a task it is a call, which waits where another holds the address space's lock.
    if context.currentTask != nil {
      return try CallBindings.make(
        .munmap(MunmapCall(process: box.id, address: start, length: length)), on: box.machine, arguments.call, context, .nothing)
    }
    guard charge(toChange: length, at: start, of: box, arguments) else { return .done }
    box.machine.machine.withProcess(box.id) { $0.memory.unmap(start, length) }
    return .done
  }

  private static func protect(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    let (start, length) = try range(arguments)
    let protection = try arguments.permissions("prot")
    guard !box.machine.look({ $0.driver.processes[box.id.rawValue].memory.mapsDevice(in: start, length) }) else {
      throw BindingError("process:protect: an enclave is mapped there; the driver is asked by process:mprotect")
    }
    guard charge(toChange: length, at: start, of: box, arguments) else { return .done }
    box.machine.machine.withProcess(box.id) { $0.memory.protect(start, length, as: protection) }
    return .done
  }

  /// Without bytes one access; with bytes another thread's writing, which no fault stops.
  private static func write(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    guard let bytes = try arguments.optionalBytes("bytes") else { return try MemoryBindings.access(.write, arguments, context) }
    let box = try context.process(arguments.call)
    let address = UserAddress(arguments.unsigned("address"))
    let pages = bytes.count / Int(pageSize) + 2
    guard arguments.call.charge(fuel: Int64(100 + pages * 60)), context.keep(pages * (Int(pageSize) + 64), arguments.call) else { return .done }
    let end = address.rawValue.addingReportingOverflow(UInt64(bytes.count))
    guard !end.overflow, end.partialValue <= AddressSpace.end.rawValue, box.machine.machine.write(bytes, at: address, in: box.id)
    else { throw BindingError("process:write: the bytes are not all mapped") }
    return .done
  }

  // Signals

  private static func sigaction(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    let signal = try signal(arguments)
    let ignores = try arguments.flag("ignore"), handles = try arguments.flag("handler")
    if ignores, handles { throw BindingError("process:sigaction: a signal is ignored or handled, not both") }
    if try arguments.flag("default"), ignores || handles { throw BindingError("process:sigaction: 'default' is neither ignored nor handled") }
    let disposition: SignalDisposition =
      ignores ? .ignored : handles ? .handler(restarts: try arguments.flag("restart")) : .defaultAction
    box.machine.machine.withProcess(box.id) { $0.signals.setDisposition(disposition, of: signal) }
    return .done
  }

  private static func block(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    box.machine.machine.setBlocked(true, try signal(arguments), of: box.id)
    return .done
  }

  private static func unblock(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    box.machine.machine.setBlocked(false, try signal(arguments), of: box.id)
    return .done
  }

  private static func send(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.process(arguments.call)
    box.machine.machine.send(try signal(arguments), to: box.id)
    return .done
  }

  private static func signal(_ arguments: borrowing Arguments) throws(BindingError) -> SignalNumber {
    let name = try arguments.text("signal") ?? ""
    guard let signal = SignalNumber(name: name) else {
      let suggestion = NearestWord.suggestion(for: name, among: SignalNumber.allNames)
      throw BindingError("\(arguments.row.owner): no signal is called '\(escapeForDisplay(Array(name.utf8)))'\(suggestion)")
    }
    return signal
  }

  /// Charges what cutting the mappings in a range takes: each piece is copied with the pages that were written in it.
  private static func charge(toChange length: ByteCount, at start: UserAddress, of box: ProcessBox, _ arguments: borrowing Arguments) -> Bool {
    let work = box.machine.look { $0.driver.processes[box.id.rawValue].memory.workToChange(start, length) }
    return arguments.call.charge(fuel: Int64(100 + work))
  }

  private static func range(_ arguments: borrowing Arguments) throws(BindingError) -> (UserAddress, ByteCount) {
    let start = UserAddress(arguments.unsigned("address")), length = ByteCount(arguments.unsigned("length"))
    try checkRange(start, length, owner: arguments.row.owner)
    return (start, length)
  }

  /// Page-aligned, not empty, inside user space, and no larger than half of it.
  private static func checkRange(_ start: UserAddress, _ length: ByteCount, owner: String) throws(BindingError) {
    guard start.isPageAligned, length.rawValue > 0, length.rawValue % pageSize == 0 else {
      throw BindingError("\(owner): address and length must be multiples of 4096, and the length not zero")
    }
    guard length.rawValue <= 1 << 43, start.rawValue <= AddressSpace.end.rawValue,
      start.rawValue + length.rawValue <= AddressSpace.end.rawValue
    else { throw BindingError("\(owner): the range ends above user space, or is longer than 8 TiB") }
  }
}
