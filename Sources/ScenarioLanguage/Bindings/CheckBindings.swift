import LuaHost
import SGXArchitecture

/// `expect`, `ensure`, and what a test says about itself.
enum CheckBindings {
  static func register(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("check") { (call) throws(BindingError) in
      context.test?.checks += 1
      guard try !call.boolean(1) else { return .done }
      guard context.mayFailAgain() else { return .done }
      let expected = shown(try call.bytes(2)), actual = shown(try call.bytes(3))
      context.fail(
        TestFailure(
          file: try call.string(4), line: Int(try call.integer(5)), message: "expected \(expected), got \(actual)", traceback: "",
          lastEvents: context.lastEvents))
      return .done
    }
    lua.register("script_error") { (call) throws(BindingError) in
      var message = try call.bytes(1)
      let (trace, place) = (try call.bytes(2), try call.string(3))
      // The message begins with its own position, which is told apart from it here.
      if message.starts(with: Array((place + ": ").utf8)) { message.removeFirst(place.utf8.count + 2) }
      let parts = place.split(separator: ":")
      context.fail(
        TestFailure(
          file: parts.dropLast().joined(separator: ":"), line: parts.last.flatMap { Int($0) } ?? 0,
          message: shown(message), traceback: escapeForDisplay(trace, keepingLines: true),
          lastEvents: context.lastEvents))
      context.test?.status = .error
      return .done
    }
    lua.register("is_other_driver") { (call) throws(BindingError) in
      call.push(context.skipsOtherDriver())
      return .done
    }
  }

  /// What only words.lua uses.
  static func registerWords(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("is_tag") { (call) throws(BindingError) in
      call.push(TagCondition.isTag(try call.bytes(1)))
      return .done
    }
    lua.register("expect_finding") { (call) throws(BindingError) in
      context.expectedFindings.append(try call.string(1))
      return .done
    }
    lua.register("check_driver_range") { (call) throws(BindingError) in
      _ = try driverRange(call, reason: "")
      return .done
    }
    lua.register("fails_on") { (call) throws(BindingError) in
      context.failsOn.append(try driverRange(call, reason: try call.string(3)))
      return .done
    }
    lua.register("only_on") { (call) throws(BindingError) in
      context.onlyOn.append(try driverRange(call, reason: try call.string(3)))
      return .done
    }
    lua.register("check_finding_name") { (call) throws(BindingError) in
      let name = try call.string(1)
      guard FindingName.all.contains(name) else {
        throw BindingError("no law or finding is called '\(name)' (\(FindingName.all.joined(separator: ", ")))")
      }
      return .done
    }
    lua.register("contains") { (call) throws(BindingError) in
      let (text, wanted) = (try call.bytes(1), try call.bytes(2))
      call.charge(fuel: Int64(text.count / 16))
      call.push(contains(text, wanted))
      return .done
    }
    // Bytes of a fixed length, as bytes or in hexadecimal.
    lua.register("from_hex") { (call) throws(BindingError) in
      let (owner, digits, length) = (try call.string(1), try call.bytes(2), Int(try call.integer(3)))
      guard digits.count == 2 * length, let bytes = [UInt8](hex: digits) else {
        throw BindingError("\(owner) must be \(length) bytes or \(2 * length) hexadecimal digits, got \"\(escapeForDisplay(digits.prefix(80)))\"")
      }
      try call.push(bytes)
      return .done
    }
  }

  /// The first two arguments: the oldest and the newest version, either of which may be left out.
  private static func driverRange(_ call: borrowing Call, reason: String) throws(BindingError) -> DriverRange {
    let first = try call.optionalString(1), last = try call.optionalString(2)
    let range = DriverRange(
      first: try first.map { (name) throws(BindingError) in try ValueBindings.release(named: name) },
      last: try last.map { (name) throws(BindingError) in try ValueBindings.release(named: name) }, reason: reason)
    guard !range.isEmpty else { throw BindingError("it: no driver lies between '\(first ?? "")' and '\(last ?? "")': the older one is 'from'") }
    return range
  }

  private static func contains(_ text: [UInt8], _ wanted: [UInt8]) -> Bool {
    guard wanted.count <= text.count else { return false }
    return (0...(text.count - wanted.count)).contains { text[$0..<($0 + wanted.count)].elementsEqual(wanted) }
  }
}
