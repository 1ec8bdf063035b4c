/// Why Lua stopped.
package struct LuaFailure: Error, Equatable, Sendable {
  package enum Kind: Sendable {
    /// The text is not Lua.
    case syntax
    /// An error was raised and nobody caught it.
    case runtime
    /// The work limit, the memory limit, a source that may not be run at all.
    case fuel, memory, source
    /// `StopSwitch.request` was called.
    case stopped
  }

  package var kind: Kind
  /// Without the position. Bytes of a script may be in it: show it through `escapeForDisplay`.
  package var message: [UInt8]
  package var file: String?
  package var line: Int?
  /// One script frame a line; empty when there is none.
  package var traceback: String

  package init(kind: Kind, message: [UInt8], file: String? = nil, line: Int? = nil, traceback: String = "") {
    self.kind = kind
    self.message = message
    self.file = file
    self.line = line
    self.traceback = traceback
  }

  /// "file:line: message", with nothing in it that could steer a terminal.
  package var text: String {
    let place = [file.map { escapeForDisplay(Array($0.utf8)) }, line.map(String.init)].compactMap { $0 }
    return (place.isEmpty ? "" : place.joined(separator: ":") + ": ") + escapeForDisplay(message)
  }
}

extension LuaFailure: CustomStringConvertible {
  package var description: String { text }
}
