import CLuaHost

/// Ends a running script from another thread or from a signal handler.
package final class StopSwitch: @unchecked Sendable {
  // Sendable without a lock: the C side keeps an atomic state, and the pointer never changes.
  let pointer: OpaquePointer

  package init() {
    guard let pointer = luahost_stop_create() else { preconditionFailure("memory: the system gives none for a stop switch") }
    self.pointer = pointer
  }

  deinit { luahost_stop_destroy(pointer) }

  /// Asks for an end; the script stops within some thousand instructions with a failure of kind `stopped`. The first reason
  /// wins. There is no way back while anything runs; see `clear`.
  package func request(_ reason: String) {
    reason.withCString { luahost_stop_request(pointer, $0) }
  }

  /// The same where nothing may be allocated.
  package func requestFromSignalHandler(_ reason: StaticString) {
    reason.withUTF8Buffer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { luahost_stop_request(pointer, $0.baseAddress) }
    }
  }

  /// Takes a request back, so that the next input of a session can run. Only between two runs.
  package func clear() { luahost_stop_clear(pointer) }

  package var isRequested: Bool { luahost_stop_requested(pointer) }
}
