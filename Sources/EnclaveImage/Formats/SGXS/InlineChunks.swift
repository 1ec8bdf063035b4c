import SGXArchitecture

/// Sixteen places in a file, without a heap.
struct InlineChunks {
  private var places: InlineArray<16, UInt64> = InlineArray(repeating: 0)

  subscript(chunk: UInt64) -> UInt64 {
    get { places[Int(chunk & 15)] }
    set { places[Int(chunk & 15)] = newValue }
  }
}
