/// A Swift function that Lua can call. It gets what it needs through the call; capturing the interpreter makes a cycle.
package typealias Binding = (inout Call) throws(BindingError) -> CallOutcome

/// How a call ends.
package enum CallOutcome: Sendable {
  /// What was pushed is returned.
  case done
  /// What was pushed goes to the scheduler of the prelude (`resume`); what it answers is returned to the caller later.
  case yield
}

/// A misuse. It becomes a Lua error with the position of the nearest script line.
package struct BindingError: Error, Equatable, Sendable {
  package var message: [UInt8]
  package init(_ message: String) { self.message = Array(message.utf8) }
  package init(bytes: [UInt8]) { self.message = bytes }
}

/// A source text and the name it has in messages.
package struct ModuleSource: Sendable {
  package var name: String
  package var source: [UInt8]
  package init(name: String, source: [UInt8]) {
    self.name = name
    self.source = source
  }
}
