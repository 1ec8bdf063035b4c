extension RunOptions {
  /// Sets the limits of a script that have no flag; what is nil stays as it is.
  ///
  /// - Parameters:
  ///   - block: bytes of one string or table; 8 MiB unless set, and no more than its whole memory.
  ///   - outputLines: lines that a file may print; 10,000 unless set.
  ///   - coroutines: alive at a time; 1,000 unless set.
  public mutating func setLimits(block: Int? = nil, outputLines: Int? = nil, coroutines: Int? = nil) {
    if let block { limits.block = min(block, limits.memory) }
    if let outputLines { limits.outputLines = outputLines }
    if let coroutines { limits.coroutines = coroutines }
  }
}
