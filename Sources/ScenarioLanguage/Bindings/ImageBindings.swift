import EnclaveImage
import LinuxKernel
import LuaHost
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Testbench

/// Enclave images: found, looked at, and mapped as the source of ADD_PAGES.
enum ImageBindings {
  /// Registers one binding, which registers the others when a script first asks for an image: most never do, and all of them together
  /// would make every start longer.
  ///
  /// - Parameters:
  ///   - module: the source of "sgx.images".
  ///   - find: an image beside the script.
  static func register(
    on lua: Interpreter, _ context: ScenarioContext, module: @escaping () -> [UInt8], find: @escaping (String) -> ImageSource?
  ) {
    lua.register("begin_images") { [unowned lua] (_) throws(BindingError) in
      guard context.images == nil else { return .done }
      registerAll(on: lua, context, find: find)
      do throws(LuaFailure) { try lua.addModule(name: "sgx.images", source: module()) } catch { throw BindingError(bytes: error.message) }
      return .done
    }
  }

  private static func registerAll(on lua: Interpreter, _ context: ScenarioContext, find: @escaping (String) -> ImageSource?) {
    let store = ImageStore(options: context.options, type: lua.defineHandleType("image"), find: find)
    context.images = store
    registerMaking(on: lua, context, store)
    registerLooking(on: lua, store)
    ImageDifferenceBindings.register(on: lua, context, store)
    registerSource(on: lua, context, store)
  }

  private static func registerMaking(on lua: Interpreter, _ context: ScenarioContext, _ store: ImageStore) {
    // Name, SHA-256 that its file must have or nil.
    lua.register("image") { (call) throws(BindingError) in
      let (handle, box, isNew) = try store.image(named: try call.string(1))
      if isNew { guard call.charge(fuel: fuel(toTakeApart: box.read)), context.keep(box.read.block.count, call) else { return .done } }
      if let pin = try call.optionalString(2) {
        guard call.charge(fuel: Int64(box.read.block.count / 64)) else { return .done }
        guard pin.lowercased() == box.digest.hex else {
          let name = escapeForDisplay(Array(box.image.name.utf8))
          throw BindingError("sgx.image: \(name) has the SHA-256 \(box.digest.hex), pinned is \(pin)")
        }
      }
      call.push(handle)
      return .done
    }
    // Bytes, name for messages, SIGSTRUCT or nil.
    lua.register("image_from") { (call) throws(BindingError) in
      let size = try call.withBytes(1) { $0.count }
      // What a test makes is kept to its end.
      guard call.charge(fuel: 1_000 + Int64(size / 2)), context.keep(size, call) else { return .done }
      let block = ContentBlock(try call.bytes(1))
      let name = try call.string(2)
      do throws(ImageSource.Problem) {
        let read = try ReadImage(name: name, block: block, sigStruct: optionalBytes(call, 3), sigStructName: name)
        call.push(store.insert(read, isOfTest: context.test != nil))
      } catch {
        throw BindingError("sgx.image_from: \(escapeForDisplay(Array(error.text.utf8)))")
      }
      return .done
    }
    lua.register("image_with_byte") { (call) throws(BindingError) in
      let box = try store.image(call)
      guard call.charge(fuel: 1_000 + 4 * Int64(box.image.plan.ranges.count)) else { return .done }
      let value = try call.integer(3)
      guard let byte = UInt8(exactly: value) else { throw BindingError("image:with_byte: a byte is 0 to 255, got \(value)") }
      let offset = EnclaveOffset(UInt64(bitPattern: try call.integer(2)))
      guard let changed = box.read.replacingByte(at: offset, with: byte) else { throw noPage(at: offset, "image:with_byte") }
      call.push(store.insert(changed, isOfTest: context.test != nil))
      return .done
    }
  }

  private static func registerLooking(on lua: Interpreter, _ store: ImageStore) {
    // In the order of `facts` in images.lua.
    lua.register("image_facts") { (call) throws(BindingError) in
      let box = try store.image(call)
      let plan = box.image.plan
      guard call.charge(fuel: Int64(plan.ranges.count)) else { return .done }
      try call.push(box.image.name)
      try call.push(box.image.format.rawValue)
      for number in [
        plan.parameters.size, plan.pagesAdded, plan.pagesMeasured, plan.pagesRemoved, plan.threads, UInt64(plan.ranges.count),
        UInt64(plan.parameters.ssaFrameSize), plan.parameters.attributes.rawValue, plan.parameters.xfrm.rawValue,
        UInt64(plan.parameters.miscSelect.rawValue),
      ] {
        call.push(Int64(bitPattern: number))
      }
      return .done
    }
    lua.register("image_mrenclave") { (call) throws(BindingError) in
      let box = try store.image(call)
      guard call.charge(fuel: Int64(clamping: box.image.plan.hashedBytes / 64)) else { return .done }
      try call.push(box.mrenclave.hex)
      return .done
    }
    lua.register("image_mrsigner") { (call) throws(BindingError) in
      if let sigStruct = try store.image(call).image.sigStruct { try call.push(sigStruct.signer.hex) } else { call.pushNil() }
      return .done
    }
    lua.register("image_sigstruct") { (call) throws(BindingError) in
      if let sigStruct = try store.image(call).image.sigStruct { try call.push(sigStruct.bytes) } else { call.pushNil() }
      return .done
    }
    lua.register("image_sha256") { (call) throws(BindingError) in
      let box = try store.image(call)
      guard call.charge(fuel: Int64(box.read.block.count / 64)) else { return .done }
      try call.push(box.digest.hex)
      return .done
    }
    // Offset, pages, SECINFO flags, permissions, type, "all", "none" or "some", removed before EINIT, role.
    lua.register("image_range") { (call) throws(BindingError) in
      let range = try range(call, try store.image(call), 2)
      call.push(Int64(bitPattern: range.offset.rawValue))
      call.push(Int64(bitPattern: range.pageCount))
      call.push(Int64(bitPattern: range.secInfoFlags))
      try call.push(range.secInfo.permissions.letters)
      try call.push(range.secInfo.type?.name ?? "")
      switch range.measured {
      case .all: try call.push("all")
      case .none: try call.push("none")
      case .some: try call.push("some")
      }
      call.push(range.isRemovedBeforeInit)
      try call.push(range.role.rawValue)
      return .done
    }
    lua.register("image_byte") { (call) throws(BindingError) in
      let box = try store.image(call)
      guard call.charge(fuel: 100 + Int64(box.image.plan.ranges.count)) else { return .done }
      let offset = EnclaveOffset(UInt64(bitPattern: try call.integer(2)))
      guard let byte = box.image.plan.byte(at: offset) else { throw noPage(at: offset, "image:byte") }
      call.push(Int64(byte))
      return .done
    }
  }

  /// A loader has what it adds in its memory, readable and never beyond becoming executable. Here it comes in one range at a time.
  private static func registerSource(on lua: Interpreter, _ context: ScenarioContext, _ store: ImageStore) {
    // An address with room for any range of the image.
    lua.register("image_window") { (call) throws(BindingError) in
      let process = try context.process(call)
      let box = try store.image(call, 2)
      guard call.charge(fuel: 100 + Int64(box.image.plan.ranges.count)) else { return .done }
      if let partly = box.image.plan.ranges.first(where: { if case .some = $0.measured { true } else { false } }) {
        throw BindingError(
          "process:load: the page at 0x\(String(partly.offset.rawValue, radix: 16)) is measured in part or out of order;"
            + " ADD_PAGES measures all of a page or nothing")
      }
      let largest = box.image.plan.ranges.reduce(0) { max($0, $1.pageCount) }
      let length = ByteCount(largest &* pageSize)
      guard largest <= 1 << 31, process.machine.look({ $0.driver.processes[process.id.rawValue].memory.hasRoom(for: length) }) else {
        throw BindingError("process:load: \(largest) pages alike do not fit into what is left of the process's address space")
      }
      let address = process.machine.machine.withProcess(process.id) { memory in
        memory.memory.map(at: nil, length: length, protection: .read)
      }
      call.push(Int64(bitPattern: address.rawValue))
      call.push(Int64(bitPattern: length.rawValue))
      return .done
    }
    lua.register("map_image_range") { (call) throws(BindingError) in
      let process = try context.process(call)
      let range = try range(call, try store.image(call, 2), 3)
      guard call.charge(fuel: 100) else { return .done }
      let address = UserAddress(UInt64(bitPattern: try call.integer(4)))
      _ = process.machine.machine.withProcess(process.id) { process in
        process.memory.map(at: address, length: range.byteCount, protection: .read, contents: range.contents.mapped)
      }
      return .done
    }
    // What the processor of the process's machine lets enclaves have of XFRM: a loader asks for no more.
    lua.register("platform_xfrm") { (call) throws(BindingError) in
      call.push(Int64(bitPattern: try context.process(call).machine.machine.configuration.processor.xfrm.rawValue))
      return .done
    }
  }

  private static func range(_ call: borrowing Call, _ box: ImageBox, _ position: Int) throws(BindingError) -> PageRange {
    let ranges = box.image.plan.ranges
    let index = try call.integer(position)
    guard (1...Int64(ranges.count)).contains(index) else { throw BindingError("image:range: a range is 1 to \(ranges.count), got \(index)") }
    return ranges[Int(index) - 1]
  }

  private static func noPage(at offset: EnclaveOffset, _ owner: String) -> BindingError {
    BindingError("\(owner): the image adds no page at 0x\(String(offset.rawValue, radix: 16))")
  }

  /// An argument that the prelude has checked already.
  private static func optionalBytes(_ call: borrowing Call, _ position: Int) -> [UInt8]? {
    guard case .bytes(let bytes) = call.value(position) else { return nil }
    return bytes
  }

  private static func fuel(toTakeApart read: ReadImage) -> Int64 { 1_000 + Int64(read.block.count / 64) }
}

extension RangeContents {
  /// The same as the contents of a mapping: a description, whatever the number of pages.
  fileprivate var mapped: Mapping.Contents {
    switch self {
    case .same(.fill(let byte)): .fill(byte)
    case .same(let page): .everyPage(page)
    case .consecutive(let block, let offset): .block(block, offset: UInt64(offset))
    }
  }
}

extension PagePermissions {
  /// As scenarios write them: `rx`; nothing for none.
  fileprivate var letters: String {
    (contains(.read) ? "r" : "") + (contains(.write) ? "w" : "") + (contains(.execute) ? "x" : "")
  }
}
