import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Testbench

/// What can be seen of an enclave.
enum EnclaveLooks {
  static func look(at key: String) -> APIBody? {
    switch key {
    case "pages": counter { $0.slots.count }
    case "page_count": counter { $0.pageCount }
    case "child_count": counter { $0.secsChildCount }
    case "version_arrays": counter { UInt64($0.versionArrays.count) }
    case "resident": counter { $0.slots.residentCount }
    case "evicted": counter { $0.slots.evictedCount }
    case "base": counter { $0.created?.baseAddress.rawValue }
    case "size": counter { $0.created?.size }
    case "attributes_mask": counter { $0.attributesMask.rawValue }
    case "measurement": measured { box in box.measurement.map { .string($0.digest.hex) } }
    case "measured_blocks": measured { box in box.measurement.map { .integer(Int64($0.blocks)) } }
    case "mrenclave": measured { box in box.secsRecord?.identity.map { .string($0.mrEnclave.hex) } }
    case "mrsigner": measured { box in box.secsRecord?.identity.map { .string($0.mrSigner.hex) } }
    case "state": state
    case "secs_resident": secsResident
    case "descriptor": descriptor
    default: nil
    }
  }

  /// What the driver's record of the enclave says.
  private static func counter(_ read: @escaping (Enclave) -> UInt64?) -> APIBody {
    { (arguments: borrowing Arguments, context: ScenarioContext) throws(BindingError) -> LuaHost.CallOutcome in
      let box = try context.enclave(arguments.call)
      if let value = box.machine.look({ read($0.driver[box.id]) }) { arguments.call.push(Int64(bitPattern: value)) } else { arguments.call.pushNil() }
      return .done
    }
  }

  /// What the processor's record says, which is looked for among all.
  private static func measured(_ read: @escaping (EnclaveBox) -> LuaValue?) -> APIBody {
    { (arguments: borrowing Arguments, context: ScenarioContext) throws(BindingError) -> LuaHost.CallOutcome in
      let box = try context.enclave(arguments.call)
      guard arguments.call.charge(fuel: 300 + Int64(box.machine.look { $0.processor.secsRecords.count })) else { return .done }
      try arguments.call.push(read(box) ?? .nil)
      return .done
    }
  }

  private static func state(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.enclave(arguments.call)
    try arguments.call.push(box.machine.look { $0.driver[box.id].state.rawValue })
    return .done
  }

  private static func secsResident(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    let box = try context.enclave(arguments.call)
    arguments.call.push(box.machine.look { $0.driver[box.id].secsPage != nil })
    return .done
  }

  private static func descriptor(
    _ arguments: borrowing Arguments, _ context: ScenarioContext
  ) throws(BindingError) -> LuaHost.CallOutcome {
    arguments.call.push(Int64(try context.enclave(arguments.call).descriptor.rawValue))
    return .done
  }
}
