import LuaHost

/// A function of the embedding program that scripts find in a module.
struct HostFunction {
  let module: String
  let name: String
  let cost: Int64
  let body: (HostCall) throws -> [HostValue]
}

/// Why a function cannot be offered to scripts.
public enum HostRegistrationError: Error, Hashable, Sendable {
  /// A module is named by parts of `a-z 0-9 _` with dots between, and `sgx` is the bench's own.
  case moduleName(String)
  /// A function is named as a variable of Lua is, and not by a word of the language.
  case functionName(String)
  /// The module has it already.
  case taken(module: String, name: String)

  public var text: String {
    switch self {
    case .moduleName(let name): "'\(name)' cannot be a module: parts of a-z, 0-9 and _ with dots between, and not sgx"
    case .functionName(let name): "'\(name)' cannot be a function: letters, digits and _, not a digit first, and no word of Lua"
    case .taken(let module, let name): "the module '\(module)' has a function '\(name)' already"
    }
  }
}

extension HostFunction {
  static func check(_ name: String, in module: String, besides others: [HostFunction]) throws(HostRegistrationError) {
    let parts = module.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let areWords = parts.allSatisfy { part in !part.isEmpty && part.allSatisfy { isLower($0) || isDigit($0) || $0 == UInt8(ascii: "_") } }
    guard areWords, !parts[0].elementsEqual("sgx".utf8), module.utf8.count <= nameLengthMax else { throw .moduleName(module) }
    guard let first = name.utf8.first, !isDigit(first), !words.contains(name), name.utf8.count <= nameLengthMax,
      name.utf8.allSatisfy({ isLower($0 | 0x20) || isDigit($0) || $0 == UInt8(ascii: "_") })
    else { throw .functionName(name) }
    guard !others.contains(where: { $0.module == module && $0.name == name }) else { throw .taken(module: module, name: name) }
  }

  private static let nameLengthMax = 100

  private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// Reserved words of Lua 5.4 (reference manual, 3.1).
  private static let words: Set = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not", "or", "repeat",
    "return", "then", "true", "until", "while",
  ]

  /// Makes the functions known to a state, and a module of each name that they mention.
  static func register(_ functions: [HostFunction], on lua: Interpreter, _ context: ScenarioContext) throws(LuaFailure) {
    var modules: [(name: String, source: String)] = []
    for function in functions {
      let key = "\(function.module).\(function.name)"
      lua.register(key) { [unowned context] (call) throws(BindingError) in
        try function.call(key, &call, context)
        return .done
      }
      let line = "  \(function.name) = host[\"\(key)\"],\n"
      if let index = modules.firstIndex(where: { $0.name == function.module }) {
        modules[index].source += line
      } else {
        modules.append((function.module, "return frozen({\n" + line))
      }
    }
    for module in modules {
      let source = module.source + "}, \"\(module.name)\")\n"
      try lua.addModule(name: module.name, source: Array(source.utf8), isCached: false)
    }
  }

  private func call(_ key: String, _ call: inout Call, _ context: ScenarioContext) throws(BindingError) {
    guard call.charge(fuel: cost) else { return }
    let results: [HostValue]
    do {
      let given = try HostCall(key, call, context)
      guard call.charge(fuel: Int64(given.byteCount / 64)) else { return }
      results = try body(given)
    } catch let error as BindingError {
      throw error
    } catch let error as HostError {
      throw BindingError("\(key): \(error.message)")
    } catch {
      throw BindingError("\(key): \(error)")
    }
    guard results.count <= Self.resultsMax else { throw BindingError("\(key): \(results.count) results, at most \(Self.resultsMax)") }
    for result in results {
      switch result {
      case .nil: call.pushNil()
      case .boolean(let value): call.push(value)
      case .integer(let value): call.push(value)
      case .number(let value): call.push(value)
      case .bytes(let bytes): try call.push(bytes)
      }
    }
  }

  /// Values of one call into the bench (`CLuaHost.h`, LUAHOST_VALUES_MAX).
  private static let resultsMax = 16
}
