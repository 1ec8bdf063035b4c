import CLuaHost

/// What the C side calls back into. An object of its own, so that the interpreter may be gone (or going) while Lua closes.
final class BindingContext {
  // Read once a call and never held on to: a check of exclusive access would find nothing and cost a tenth of the call.
  @exclusivity(unchecked) var bodies: [Binding] = []
  /// By number.
  @exclusivity(unchecked) var types: [HandleType] = []
  /// What types have beside the methods that were defined, by the type's number.
  @exclusivity(unchecked) var members: [Int32: MemberSource] = [:]
  let output: ([UInt8]) -> Void
  let resolveModule: (String) -> ModuleSource?
  /// Names of script chunks, to recognise positions in messages.
  var chunkNames: [String] = []

  init(output: @escaping ([UInt8]) -> Void, resolveModule: @escaping (String) -> ModuleSource?) {
    self.output = output
    self.resolveModule = resolveModule
  }

  func noteChunk(_ name: String) {
    if !chunkNames.contains(name) { chunkNames.append(name) }
  }

  static func from(_ pointer: UnsafeMutableRawPointer?) -> BindingContext {
    Unmanaged<BindingContext>.fromOpaque(pointer!).takeUnretainedValue()
  }

  static let callbacks = luahost_callbacks(
    dispatch: { context, function, frame in
      let context = BindingContext.from(context)
      var call = Call(frame: frame!, context: context)
      do throws(BindingError) {
        let outcome = try context.bodies[Int(function)](&call)
        return outcome == .done ? LUAHOST_RETURN : LUAHOST_YIELD
      } catch {
        frame!.pointee.result_count = 0
        error.message.withUnsafeBufferPointer { _ = luahost_frame_bytes(frame, $0.baseAddress, $0.count) }
        return LUAHOST_RAISE
      }
    },
    resolve: { context, name, length, frame in
      let context = BindingContext.from(context)
      // The C side has checked that a name is ASCII.
      let name = String(decoding: UnsafeBufferPointer(start: name, count: length), as: UTF8.self)
      guard let module = context.resolveModule(name) else { return }
      context.noteChunk(module.name)
      module.source.withUnsafeBufferPointer { _ = luahost_frame_bytes(frame, $0.baseAddress, $0.count) }
      Array(module.name.utf8).withUnsafeBufferPointer { _ = luahost_frame_bytes(frame, $0.baseAddress, $0.count) }
    },
    find: { context, type, name, length in
      let name = String(decoding: UnsafeRawBufferPointer(start: name, count: length), as: UTF8.self)
      return BindingContext.from(context).members[type]?.find(name)
        ?? luahost_member(kind: LUAHOST_NO_MEMBER, function: 0, positionals: 0, shape: -1)
    },
    names: { context, type, frame in
      guard let members = BindingContext.from(context).members[type] else { return }
      let text = members.table.names().map { $0 + "\n" }.joined()
      Array(text.utf8).withUnsafeBufferPointer { _ = luahost_frame_bytes(frame, $0.baseAddress, $0.count) }
    },
    output: { context, bytes, length in
      BindingContext.from(context).output(Array(UnsafeBufferPointer(start: bytes, count: length)))
    })
}
