extension PageContents {
  /// Reads a little-endian integer. The caller keeps within the page.
  package func load<Value: FixedWidthInteger>(_ type: Value.Type = Value.self, at offset: Int) -> Value {
    var value = Value.zero
    withUnsafeMutableBytes(of: &value) { copy(from: offset, count: $0.count, to: $0.baseAddress!) }
    return Value(littleEndian: value)
  }

  package func load<Value: FixedWidthInteger>(_ type: Value.Type = Value.self, field: some StructureField) -> Value {
    load(type, at: field.offset)
  }

  /// Some of the page's bytes. The caller keeps within the page.
  package func bytes(_ range: Range<Int>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      if let target = buffer.baseAddress { copy(from: range.lowerBound, count: range.count, to: target) }
      count = range.count
    }
  }

  /// Lets `change` write into a copy of the page, which takes its place: contents are shared, so nobody writes where others read.
  package mutating func withMutableBytes<Result>(_ change: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
    var result: Result?
    let old = self
    let block = ContentBlock(count: Int(pageSize)) { memory in
      old.copy(from: 0, count: memory.count, to: memory.baseAddress!)
      result = change(memory)
    }
    self = .bytes(block, offset: 0)
    return result!
  }

  package mutating func store(_ bytes: [UInt8], at offset: Int) {
    withMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[offset..<(offset + bytes.count)]).copyBytes(from: bytes) }
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Writes a little-endian integer at any offset.
  package func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
  }

  package func store<Value: FixedWidthInteger>(_ value: Value, field: some StructureField) { store(value, at: field.offset) }
}
