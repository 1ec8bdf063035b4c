import CLuaHost

/// What a name of a handle's type, or of a module, is to scripts. It is made when a script first asks for the name.
package struct Member {
  package enum Kind: Sendable { case function, property }

  let kind: Kind
  /// Arguments ahead of the option table, the receiver not counted; nil: any number.
  let positionals: Int?
  let options: OptionShape?
  let body: Binding

  package init(_ kind: Kind, positionals: Int?, options: OptionShape? = nil, _ body: @escaping Binding) {
    self.kind = kind
    self.positionals = positionals
    self.options = options
    self.body = body
  }
}

/// Finds the members of a type by name.
package struct MemberTable {
  let find: (String) -> Member?
  let names: () -> [String]

  package init(find: @escaping (String) -> Member?, names: @escaping () -> [String]) {
    self.find = find
    self.names = names
  }
}

/// The names that an option table may have, in the order of their values among the arguments of a call.
package struct OptionShape {
  package indirect enum Kind {
    case value
    /// A table of fields. Its values follow one that is true where the table is there.
    case table(OptionShape)
    /// A list of values, of tables of fields, or of names with a value each.
    case list
    case tables(OptionShape)
    case names
  }

  package let fields: [(name: String, kind: Kind)]
  package init(_ fields: [(name: String, kind: Kind)]) { self.fields = fields }

  /// How many values it has among the arguments.
  package var size: Int {
    fields.reduce(0) { size, field in
      if case .table(let inner) = field.kind { size + 1 + inner.size } else { size + 1 }
    }
  }
}

extension Interpreter {
  /// Gives a type members that are made when they are first asked for.
  package func setMembers(of type: HandleType, _ members: MemberTable) {
    context.members[type.number] = MemberSource(table: members, lua: self)
  }

  fileprivate func add(_ shape: OptionShape) -> Int32 {
    let fields: [(luahost_field_kind, Int32)] = shape.fields.map { field in
      switch field.kind {
      case .value: (LUAHOST_FIELD, -1)
      case .table(let inner): (LUAHOST_FIELD_TABLE, add(inner))
      case .list: (LUAHOST_FIELD_LIST, -1)
      case .tables(let inner): (LUAHOST_FIELD_TABLES, add(inner))
      case .names: (LUAHOST_FIELD_NAMES, -1)
      }
    }
    var number: Int32 = 0
    withCStrings(shape.fields.map(\.name)) { names in
      let all = fields.enumerated().map { luahost_field(name: names?[$0.offset], kind: $0.element.0, shape: $0.element.1) }
      note(luahost_add_shape(open, all, Int32(clamping: all.count), &number))
    }
    return number
  }
}

/// What the C side asks when a name is new to a type. The interpreter owns the context that owns this.
struct MemberSource {
  let table: MemberTable
  unowned let lua: Interpreter

  func find(_ name: String) -> luahost_member {
    guard let member = table.find(name) else { return luahost_member(kind: LUAHOST_NO_MEMBER, function: 0, positionals: 0, shape: -1) }
    return luahost_member(
      kind: member.kind == .function ? LUAHOST_FUNCTION : LUAHOST_PROPERTY, function: lua.add(member.body),
      positionals: member.positionals.map { Int32(clamping: $0) } ?? -1, shape: member.options.map { lua.add($0) } ?? -1)
  }
}

/// Lists among the arguments.
extension Call {
  /// How many elements the list there has; nil where there is no list.
  package func listCount(_ position: Int) -> Int? {
    argument(position).flatMap { $0.pointee.kind == LUAHOST_LIST ? $0.pointee.length : nil }
  }

  /// A value of a list: of the element at `index`, from 0, in a list whose elements have `width` values each.
  package func listValue(_ position: Int, _ index: Int, width: Int = 1, _ offset: Int = 0) -> LuaValue {
    guard let list = argument(position), list.pointee.kind == LUAHOST_LIST, let values = luahost_list(frame.pointee.host) else { return .nil }
    return LuaValue(values[Int(list.pointee.integer) + index * width + offset], context)
  }

  /// Puts another value in the place of an argument.
  package func replace(_ position: Int, by value: Int64) {
    guard let argument = argument(position) else { return }
    (argument.pointee.kind, argument.pointee.integer) = (LUAHOST_INTEGER, value)
  }

  package func replace(_ position: Int, by value: Bool) {
    guard let argument = argument(position) else { return }
    (argument.pointee.kind, argument.pointee.integer) = (LUAHOST_BOOLEAN, value ? 1 : 0)
  }

  /// The whole number that stands there, without a message where there is none.
  package func wholeNumber(_ position: Int) -> Int64? {
    argument(position).flatMap { $0.pointee.kind == LUAHOST_INTEGER ? $0.pointee.integer : nil }
  }

  package func isBytes(_ position: Int) -> Bool { argument(position)?.pointee.kind == LUAHOST_BYTES }
  package func isBoolean(_ position: Int) -> Bool { argument(position)?.pointee.kind == LUAHOST_BOOLEAN }
  package func isHandle(_ position: Int) -> Bool { argument(position)?.pointee.kind == LUAHOST_HANDLE }
}
