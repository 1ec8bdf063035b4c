import LinuxKernel
import LuaHost
import SGXDriver
import Testbench

/// `/dev/sgx_provision`: a file whose descriptor is all there is to it, and how descriptors get about. Its rows are in
/// `API/ProvisionAPI.swift`.
enum ProvisionBindings {
  static func body(of key: String) -> APIBody? {
    switch key {
    case "ioctl": ioctl
    case "dup": dup
    case "share": share
    case "close": close
    default: nil
    }
  }

  /// `process:open("/dev/sgx_provision")`
  static func open(
    _ box: ProcessBox, at path: DevicePath?, _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    guard arguments.call.charge(fuel: 1_000) else { return .done }
    switch box.machine.machine.openProvision(for: box.id, path: path) {
    case .success(let descriptor):
      arguments.call.push(context.provisions.insert(ProvisionBox(machine: box.machine, process: box.id, descriptor: descriptor)))
    case .failure(let errno):
      arguments.call.pushNil()
      try arguments.call.push(context.recordType(.result)) { (result) throws(BindingError) in
        try result.set("outcome", "failure")
        try result.set("errno", errno.name)
      }
    }
    return .done
  }

  private static func dup(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.provision(arguments.call)
    return try duplicate(box, for: box.process, arguments, context)
  }

  private static func share(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.provision(arguments.call)
    return try duplicate(box, for: try context.receiver(arguments.call, of: box.machine, arguments.row.owner), arguments, context)
  }

  private static func duplicate(
    _ box: ProvisionBox, for receiver: ProcessID, _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    guard
      let descriptor = try context.duplicate(
        box.descriptor, of: box.process, on: box.machine, for: receiver, arguments.row.owner, arguments.call)
    else { return .done }
    arguments.call.push(context.provisions.insert(ProvisionBox(machine: box.machine, process: receiver, descriptor: descriptor)))
    return .done
  }

  private static func close(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.provision(arguments.call)
    box.closedAt = arguments.call.scriptPlace
    return try CallBindings.make(
      .close(CloseCall(process: box.process, descriptor: box.descriptor)), on: box.machine, arguments.call, context)
  }

  private static func ioctl(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.provision(arguments.call)
    let command = UInt32(truncatingIfNeeded: arguments.number("command"))
    return try CallBindings.make(
      .unknownIoctl(UnknownIoctlCall(process: box.process, descriptor: box.descriptor, command: command)), on: box.machine, arguments.call,
      context)
  }

  static func look(at key: String) -> APIBody? {
    switch key {
    case "descriptor": descriptor
    default: nil
    }
  }

  private static func descriptor(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    arguments.call.push(Int64(try context.provision(arguments.call).descriptor.rawValue))
    return .done
  }
}

/// An open descriptor of `/dev/sgx_provision` behind a handle.
final class ProvisionBox {
  let machine: MachineBox
  let process: ProcessID
  let descriptor: FileDescriptor
  /// Where it was closed, once it was.
  var closedAt: String?

  init(machine: MachineBox, process: ProcessID, descriptor: FileDescriptor) {
    self.machine = machine
    self.process = process
    self.descriptor = descriptor
  }
}

extension ScenarioContext {
  /// A descriptor of the provisioning device that is still open.
  func provision(_ call: borrowing Call, _ position: Int = 1) throws(BindingError) -> ProvisionBox {
    guard let box = provisions[try call.handle(position, provisionType)] else {
      throw BindingError("this provisioning device belongs to a test that has ended")
    }
    if let place = box.closedAt { throw BindingError("this provisioning device was closed at \(place)") }
    guard box.machine.look({ $0.driver.openFile(box.descriptor, of: box.process)?.device == .provision }) else {
      throw BindingError("this provisioning device is gone: its process has ended")
    }
    return box
  }

  /// The process in the second argument: one of the same machine that is alive.
  func receiver(_ call: borrowing Call, of machine: MachineBox, _ owner: String) throws(BindingError) -> ProcessID {
    let process = try process(call, 2)
    guard process.machine === machine else { throw BindingError("\(owner): the process belongs to another machine") }
    guard machine.machine.driver.processes[process.id.rawValue].isAlive else { throw BindingError("\(owner): the process has ended") }
    return process.id
  }

  /// A second descriptor for a file that is open; nil once the script's fuel is spent.
  func duplicate(
    _ descriptor: FileDescriptor, of process: ProcessID, on box: MachineBox, for receiver: ProcessID, _ owner: String,
    _ call: borrowing Call
  ) throws(BindingError) -> FileDescriptor? {
    let open = box.machine.driver.processes[receiver.rawValue].descriptors.count
    guard call.charge(fuel: 100 + Int64(open)) else { return nil }
    guard let new = box.machine.duplicate(descriptor, in: process, for: receiver) else {
      throw BindingError("\(owner): the process has as many descriptors as it may")
    }
    return new
  }
}
