import LuaHost
import SGXArchitecture
import SGXDriver
import Simulation
import Testbench

/// Numbers, names and page images: what option tables are made of.
enum ValueBindings {
  static func register(on lua: Interpreter, _ context: ScenarioContext) {
    lua.register("whole_number") { (call) throws(BindingError) in
      let owner = try call.string(1)
      call.push(try wholeNumber(call, owner: owner, at: 2))
      return .done
    }
  }

  /// A whole number of 64 bits: an integer, a float without a fraction, or text like `"0x8000000000000000"` and `"64 KiB"`.
  static func wholeNumber(_ call: borrowing Call, owner: @autoclosure () -> String, at position: Int) throws(BindingError) -> Int64 {
    let value = call.value(position)
    if case .integer(let whole) = value { return whole }
    return try wholeNumber(value, owner: owner())
  }

  static func wholeNumber(_ value: LuaValue, owner: String) throws(BindingError) -> Int64 {
    switch value {
    case .integer(let value): return value
    case .number(let value):
      if value.isNaN { throw BindingError("\(owner) is not a number") }
      guard value == value.rounded(.towardZero) else { throw BindingError("\(owner) must be whole, got \(value)") }
      guard value.magnitude < 0x1p64 else { throw BindingError("\(owner) is too large: \(value) does not fit into 64 bits") }
      guard let exact = Int64(exactly: value) else {
        throw BindingError("\(owner) is too large for a number; write it as text: \"0x8000000000000000\"")
      }
      return exact
    case .bytes(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self), let value = NumberText.parse(text) else {
        throw BindingError("\(owner) must be a whole number or text like \"64 KiB\" or \"0x1000\" in 64 bits, got string \"\(escapeForDisplay(bytes.prefix(40)))\"")
      }
      return Int64(bitPattern: value)
    case .nil, .boolean, .handle, .other:
      throw BindingError("\(owner) must be a whole number or text like \"64 KiB\", got \(value.shown)")
    }
  }

  static func driver(named name: String) throws(BindingError) -> DriverVersion {
    do throws(DriverVersion.UnknownName) { return try DriverVersion.resolve(name) } catch { throw BindingError(error.text) }
  }

  /// A release alone: what a range of drivers begins and ends with.
  static func release(named name: String) throws(BindingError) -> DriverRelease {
    let version = try driver(named: name)
    guard version.switched.isEmpty else { throw BindingError("it: a range of drivers names releases, got '\(name)'") }
    return version.release
  }

  /// `r`, `rw`, `rx`, `rwx`, in any order; dashes and an empty text are nothing.
  static func permissions(_ text: String, owner: String) throws(BindingError) -> PagePermissions {
    var result: PagePermissions = []
    for letter in text.utf8 {
      switch letter {
      case UInt8(ascii: "r"): result.insert(.read)
      case UInt8(ascii: "w"): result.insert(.write)
      case UInt8(ascii: "x"): result.insert(.execute)
      case UInt8(ascii: "-"): break
      default: throw BindingError("\(owner): permissions are made of r, w and x, got \"\(text)\"")
      }
    }
    return result
  }
}

/// Names by which a test expects a finding: those of the laws, and of what ends a run.
package enum FindingName {
  package static let all = Invariant.allCases.filter { $0.kind == .driver }.map(\.rawValue) + [
    "null-pointer", "not-modelled", "endless-restart", "endless-loop", "deadlock",
  ]

  static func name(of finding: Finding) -> String {
    switch finding {
    case .nullPointer: "null-pointer"
    case .notModelled: "not-modelled"
    case .endlessRestart: "endless-restart"
    case .endlessLoop: "endless-loop"
    case .deadlock: "deadlock"
    case .bench(let law): law.id
    }
  }
}
