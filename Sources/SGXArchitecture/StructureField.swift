/// A field of one of the manual's structures. The cases of a type that conforms are the structure's table: reading, writing, what is
/// reserved and what a reader is shown all come from it.
public protocol StructureField: CaseIterable, Hashable, Sendable {
  /// Bytes of the whole structure.
  static var structureSize: Int { get }
  /// Where it begins, how many bytes it has, and the manual's spelling.
  var row: (offset: Int, size: Int, name: String) { get }
}

extension StructureField {
  public var offset: Int { row.offset }
  public var size: Int { row.size }
  /// The manual's spelling.
  public var name: String { row.name }
  public var range: Range<Int> { row.offset..<(row.offset + row.size) }

  /// What no field covers, in ascending order.
  public static var reservedRanges: [Range<Int>] {
    var reserved: [Range<Int>] = []
    var end = 0
    for field in allCases.map(\.range).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if field.lowerBound > end { reserved.append(end..<field.lowerBound) }
      end = field.upperBound
    }
    if end < structureSize { reserved.append(end..<structureSize) }
    return reserved
  }
}

extension [UInt8] {
  /// The integer in a field, which must be as wide.
  package func load<Value: FixedWidthInteger>(_ type: Value.Type = Value.self, field: some StructureField) -> Value {
    load(type, at: field.offset)
  }

  package mutating func store<Value: FixedWidthInteger>(_ value: Value, field: some StructureField) { store(value, at: field.offset) }

  /// The bytes of a field.
  package subscript(field field: some StructureField) -> [UInt8] {
    get { Array(self[field.range]) }
    set { replaceSubrange(field.range, with: newValue.prefix(field.size)) }
  }

  /// True where nothing is set outside the fields of `Fields`.
  package func hasCleanReserved<Fields: StructureField>(_ fields: Fields.Type) -> Bool {
    Fields.reservedRanges.allSatisfy { self[$0].allSatisfy { $0 == 0 } }
  }
}
