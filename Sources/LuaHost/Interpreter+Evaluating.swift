import CLuaHost

/// What an input of an interactive session came to.
package enum Evaluated: Sendable {
  /// It ran; what the prelude's function returned.
  case values([LuaValue])
  /// More text could make it right; what is wrong with it as it stands.
  case incomplete(LuaFailure)
}

extension Interpreter {
  /// Runs one input of an interactive session: an expression, or statements.
  ///
  /// - Parameters:
  ///   - name: what messages call the session's text.
  ///   - firstLine: number of the input's first line in that text, from 1.
  ///   - function: the function of the prelude's `exports` that is given the compiled input and calls it. It is told whether that is an
  ///     expression, whose values come behind a nil.
  package func evaluate(
    _ input: [UInt8], name: String, firstLine: Int, through function: String
  ) throws(LuaFailure) -> Evaluated {
    try throwDeferred()
    context.noteChunk(name)
    var isIncomplete = false
    let result = input.withUnsafeBufferPointer {
      luahost_evaluate(open, name, Int32(clamping: firstLine), $0.baseAddress, $0.count, function, &isIncomplete)
    }
    if isIncomplete { return .incomplete(failure(result)) }
    try check(result)
    return .values(results())
  }
}
