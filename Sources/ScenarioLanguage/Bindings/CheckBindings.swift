import LuaHost

/// `expect`, `ensure`, and what a test says about itself.
enum CheckBindings {
  static func register(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("check") { (call) throws(BindingError) in
      context.test?.checks += 1
      guard try !call.boolean(1) else { return .done }
      let expected = escapeForDisplay(try call.bytes(2)), actual = escapeForDisplay(try call.bytes(3))
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
          message: escapeForDisplay(message), traceback: escapeForDisplay(trace, keepingLines: true),
          lastEvents: context.lastEvents))
      context.test?.status = .error
      return .done
    }
    lua.register("expect_finding") { (call) throws(BindingError) in
      context.expectedFindings.append(try call.string(1))
      return .done
    }
    lua.register("fails_on") { (call) throws(BindingError) in
      context.failsOn.append((version: try call.string(1), reason: try call.string(2)))
      return .done
    }
  }
}
