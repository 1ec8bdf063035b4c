/// What a script may use up. Every figure can be set by the embedding program.
package struct Limits: Sendable {
  /// Work: Lua instructions, bytes allocated / 64, and what library functions charge for long arguments.
  package var fuel: Int64 = 50_000_000
  /// Bytes alive in the script's state, and in one block of it.
  package var memory = 64 << 20
  package var block = 8 << 20
  /// Bytes of one source file. A run may load eight times as much.
  package var source = 1 << 20
  /// What `print` may write before the output is cut.
  package var outputBytes = 1 << 20
  package var outputLines = 10_000
  /// Coroutines alive at a time.
  package var coroutines = 1_000
  /// Test seam: this allocation (the first is 1) fails, or it and all after it.
  package var failure: AllocationFailure?

  package struct AllocationFailure: Sendable {
    package var number: Int64
    package var forEver: Bool
    package init(number: Int64, forEver: Bool) {
      self.number = number
      self.forEver = forEver
    }
  }

  package init() {}
}
