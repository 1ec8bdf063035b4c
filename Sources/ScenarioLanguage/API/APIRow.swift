import LuaHost

/// A function's row made ready: a slot for every value of a call, in the order in which they lie among its arguments. It is made when a
/// script first names the function.
final class APIRow {
  struct Slot {
    /// By which the binding reads it: `size`, `secinfo.flags`.
    let key: String
    /// What messages call it: `field 'size'`, `argument 2`.
    let place: String
    let type: APIType
    let presence: APIField.Presence
  }

  /// `enclave:create`
  let owner: String
  let slots: [Slot]
  /// Position of the first slot among the arguments of a call.
  let first: Int
  let shape: OptionShape?
  let positionals: Int

  convenience init(_ function: APIFunction, of kind: APIKind) { self.init(function, of: kind, first: kind.isModule ? 1 : 2) }

  /// The option table alone, of a function that the prelude says in Lua.
  convenience init(optionsOf function: APIFunction, of kind: APIKind) {
    var function = function
    function.arguments = []
    self.init(function, of: kind, first: 1)
  }

  private init(_ function: APIFunction, of kind: APIKind, first: Int) {
    owner = kind.owner(of: function.name)
    self.first = first
    positionals = function.arguments.count
    var slots = function.arguments.enumerated().map { index, field in
      Slot(key: field.key, place: "argument \(index + 1)", type: field.type, presence: field.presence)
    }
    if let options = function.options { Self.add(options, to: &slots, key: "", place: "") }
    self.slots = slots
    shape = function.options.map { OptionShape(Self.shape(of: $0)) }
  }

  private static func add(_ fields: [APIField], to slots: inout [Slot], key: String, place: String) {
    for field in fields {
      let path = place + "field '\(field.name)'"
      slots.append(Slot(key: key + field.key, place: path, type: field.type, presence: field.presence))
      if case .table(_, let inner) = field.type { add(inner, to: &slots, key: "\(key)\(field.key).", place: "\(path): ") }
    }
  }

  private static func shape(of fields: [APIField]) -> [(name: String, kind: OptionShape.Kind)] {
    fields.map { field in
      let kind: OptionShape.Kind =
        switch field.type {
        case .table(_, let inner): .table(OptionShape(shape(of: inner)))
        case .tables(_, let inner): .tables(OptionShape(shape(of: inner)))
        case .list: .list
        case .switches: .names
        default: .value
        }
      return (field.name, kind)
    }
  }

  /// Checks every value of a call, and puts numbers and defaults where the binding finds them.
  func check(_ call: borrowing Call) throws(BindingError) {
    for index in slots.indices { try check(slots[index], call, first + index) }
  }

  private func check(_ slot: borrowing Slot, _ call: borrowing Call, _ position: Int) throws(BindingError) {
    if call.isAbsent(position) {
      switch slot.presence {
      case .required: throw problem(slot, slot.place.hasPrefix("argument") ? "must be \(Self.expected(slot.type)), got nothing" : "is missing")
      case .number(let value): call.replace(position, by: value)
      case .flag(let value): call.replace(position, by: value)
      case .text(let text):
        // A word is known by its place in the list; other texts have their default where they are read.
        if case .words(let words) = slot.type { call.replace(position, by: Int64(words.firstIndex(of: text) ?? 0)) }
      case .optional, .fallback: break
      }
      return
    }
    switch slot.type {
    case .bits, .bytes, .address, .offset, .pages, .count: try checkNumber(slot, call, position)
    case .descriptor: if !call.isHandle(position) { try checkNumber(slot, call, position) }
    case .flag: guard call.isBoolean(position) else { throw mismatch(slot, call, position) }
    case .text, .permissions, .name, .binary: guard call.isBytes(position) else { throw mismatch(slot, call, position) }
    case .words(let words):
      guard call.isBytes(position) else { throw mismatch(slot, call, position) }
      let word = try call.string(position)
      guard let index = words.firstIndex(of: word) else {
        throw problem(slot, "has no value '\(word)'\(NearestWord.suggestion(for: word, among: words)) (\(words.joined(separator: ", ")))")
      }
      call.replace(position, by: Int64(index))
    case .handle: guard call.isHandle(position) else { throw mismatch(slot, call, position) }
    case .tables, .list, .switches: guard call.listCount(position) != nil else { throw mismatch(slot, call, position) }
    case .table, .lua: break
    }
  }

  private func checkNumber(_ slot: borrowing Slot, _ call: borrowing Call, _ position: Int) throws(BindingError) {
    let isText = call.isBytes(position)
    let value: Int64
    if let whole = call.wholeNumber(position) {
      value = whole
    } else {
      value = try ValueBindings.wholeNumber(call, owner: "\(owner): \(slot.place)", at: position)
      call.replace(position, by: value)
    }
    switch slot.type {
    case .bits(let bits):
      guard bits == 64 || value >> Int64(bits) == 0 else { throw problem(slot, "has \(bits) bits, got \(value)") }
    // Text may say 2^63 and more, which has the sign of a negative number here.
    case .bytes: guard value >= 0 || isText else { throw problem(slot, "is negative, got \(value)") }
    case .pages:
      guard value >= 0 || isText else { throw problem(slot, "is negative, got \(value)") }
      guard UInt64(bitPattern: value) >> 52 == 0 else {
        throw problem(slot, "is too large: \(UInt64(bitPattern: value)) pages do not fit into 64 bits of bytes")
      }
    case .count(let range):
      guard range.contains(value) else { throw problem(slot, "is \(slot.type.rangeText ?? "another number"), got \(value)") }
    default: break
    }
  }

  func problem(_ slot: borrowing Slot, _ text: String) -> BindingError { BindingError("\(owner): \(slot.place) \(text)") }

  private func mismatch(_ slot: borrowing Slot, _ call: borrowing Call, _ position: Int) -> BindingError {
    problem(slot, "must be \(Self.expected(slot.type)), got \(call.describe(position))")
  }

  private static func expected(_ type: APIType) -> String {
    switch type {
    case .bits, .bytes, .address, .offset, .pages, .count, .descriptor: "a whole number or text like \"64 KiB\""
    case .flag: "true or false"
    case .text, .permissions, .name, .binary, .words: "a string"
    case .handle(let type): "aeiou".contains(type.first ?? " ") ? "an \(type)" : "a \(type)"
    case .tables, .list: "a list"
    case .switches, .table: "a table of fields"
    case .lua(let type): type
    }
  }
}
