import LuaHost

/// What a function or a property does: it reads its arguments by key and pushes what comes back.
typealias APIBody = (borrowing Arguments, ScenarioContext) throws(BindingError) -> LuaHost.CallOutcome

/// From rows to what Lua calls. Nothing here happens before a script names the function or the property.
extension ScenarioContext {
  /// Gives the types of handles, and the module, the members that their rows say.
  func linkMembers(on lua: Interpreter, sgx: HandleType, optionReaders: HandleType) {
    let types: [(APIKind.Name, HandleType)] = [
      (.sgx, sgx), (.machine, machineType), (.process, processType), (.enclave, enclaveType), (.provision, provisionType),
    ]
    for (name, type) in types { lua.setMembers(of: type, members(of: name)) }
    // For functions that the prelude says in Lua: `read_options["process:load"](options)` gives the values of an option table.
    lua.setMembers(of: optionReaders, MemberTable(find: { self.optionReader($0) }, names: { [] }))
  }

  private func optionReader(_ owner: String) -> Member? {
    let parts = owner.split(whereSeparator: { $0 == ":" || $0 == "." }).map(String.init)
    guard parts.count == 2, let kind = APIKind.Name(rawValue: parts[0]).map({ options.api.kind($0) }),
      let function = kind.functions.first(where: { $0.key == parts[1] }), let fields = function.options
    else { return nil }
    let row = APIRow(optionsOf: function, of: kind)
    return Member(.function, positionals: 0, options: row.shape) { (call) throws(BindingError) in
      try row.check(call)
      let arguments = Arguments(call: call.again(), row: row)
      let type = self.recordType("the options of \(owner)", fields.map { ($0.key, $0.key) }, isReadOnly: false)
      try call.push(type) { (record) throws(BindingError) in
        for field in fields {
          if let text = try arguments.defaultText(field.key) { try record.set(field.key, text) } else { try record.set(field.key, arguments.value(field.key)) }
        }
      }
      return .done
    }
  }

  func members(of name: APIKind.Name) -> MemberTable {
    MemberTable(
      find: { self.member($0, of: name) }, names: { self.options.api.kind(name).memberNames })
  }

  private func member(_ word: String, of name: APIKind.Name) -> Member? {
    let kind = options.api.kind(name)
    if let function = kind.function(word) {
      let row = APIRow(function, of: kind)
      if let direct = EnclaveBindings.direct(function.key, of: name, self) { return Member(.function, positionals: row.positionals, direct) }
      guard let body = body(of: function.key, in: name) else { return nil }
      return Member(.function, positionals: row.positionals, options: row.shape) { (call) throws(BindingError) in
        try row.check(call)
        return try body(Arguments(call: call.again(), row: row), self)
      }
    }
    guard let property = kind.properties.first(where: { $0.name == word }), let body = look(at: property.key, in: name) else { return nil }
    let row = APIRow(APIFunction(property.key, property.sentence), of: kind)
    return Member(.property, positionals: 0) { (call) throws(BindingError) in
      try body(Arguments(call: call.again(), row: row), self)
    }
  }

  /// What a row does; nil where the prelude says it in Lua.
  private func body(of key: String, in kind: APIKind.Name) -> APIBody? {
    switch kind {
    case .sgx: return ModuleBindings.body(of: key)
    case .machine: return MachineBindings.body(of: key)
    case .process: return ProcessBindings.body(of: key)
    case .enclave: return EnclaveBindings.body(of: key)
    case .provision: return ProvisionBindings.body(of: key)
    case .image: return nil
    }
  }

  private func look(at key: String, in kind: APIKind.Name) -> APIBody? {
    switch kind {
    case .machine: return MachineBindings.look(at: key)
    case .process: return ProcessBindings.look(at: key)
    case .enclave: return EnclaveLooks.look(at: key)
    case .provision: return ProvisionBindings.look(at: key)
    case .sgx, .image: return nil
    }
  }

  /// The kind of table that comes back, made when it first does.
  func recordType(_ record: APIRecord) -> RecordType {
    recordType(record.title, record.fields.map { ($0.key, $0.name) }, isReadOnly: record.isReadOnly)
  }

  func recordType(_ title: String, _ fields: @autoclosure () -> [(key: String, name: String)], isReadOnly: Bool) -> RecordType {
    if let known = recordTypes.first(where: { $0.title == title }) { return known.type }
    guard let lua else { preconditionFailure("api-records: a call outlives its interpreter") }
    let type = lua.addRecord(title, fields(), isReadOnly: isReadOnly)
    recordTypes.append((title, type))
    return type
  }
}
