import EnclaveImage
import LuaHost
import SGXArchitecture
import SGXProcessor
import Testbench

/// `image:difference`: which record makes a measurement another one.
enum ImageDifferenceBindings {
  static func register(on lua: Interpreter, _ context: ScenarioContext, _ store: ImageStore) {
    // The image, the other, "image" or "enclave". Number of the record, text, offset in the enclave, the record of the image and of the
    // other, what the page is for; nothing where all records are the same.
    lua.register("image_difference") { (call) throws(BindingError) in
      let plan = try store.image(call).image.plan
      let difference: MeasurementDifference?
      let name: String
      if try call.string(3) == "image" {
        let other = try store.image(call, 2).image.plan
        guard call.charge(fuel: fuel(min(plan.hashedBytes, other.hashedBytes))) else { return .done }
        difference = plan.firstDifference(from: other)
        name = "the other"
      } else {
        let box = try context.enclave(call, 2)
        guard box.machine.machine.configuration.keepsMeasurementRecords else {
          throw BindingError("image:difference: this machine keeps no records of measurements; one of sgx.machine { records = true } does")
        }
        guard call.charge(fuel: 300 + Int64(box.machine.machine.processor.secsRecords.count)) else { return .done }
        guard let record = box.secsRecord, let journal = record.records else {
          throw BindingError("image:difference: there is no measurement: the enclave is not created, or its EPC was lost")
        }
        guard call.charge(fuel: fuel(min(plan.hashedBytes, record.measurement.blocks * 64))) else { return .done }
        difference = plan.firstDifference(from: journal.makeIterator())
        name = "the enclave"
      }
      guard let difference else { return .done }
      call.push(Int64(clamping: difference.number))
      try call.push(difference.text("the image", name))
      let place = difference.byte?.offset ?? difference.first?.offset ?? difference.second?.offset
      if let place { call.push(Int64(bitPattern: place.rawValue)) } else { call.pushNil() }
      if let first = difference.first { try call.push(first.text) } else { call.pushNil() }
      if let second = difference.second { try call.push(second.text) } else { call.pushNil() }
      if let place, let (range, _) = plan.range(at: place) { try call.push(plan.ranges[range].role.rawValue) } else { call.pushNil() }
      return .done
    }
  }

  /// Five blocks are hashed for a record that is compared.
  private static func fuel(_ bytes: UInt64) -> Int64 { 1_000 + Int64(clamping: bytes / 320) }
}
