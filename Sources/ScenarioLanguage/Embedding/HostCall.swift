import LuaHost
import Testbench

/// A call from a script to a function of the embedding program: the arguments, by value and counted from 1.
///
/// The readers throw a `HostError` that says what was expected and what came; a function lets it pass and the script sees it.
public struct HostCall: Sendable {
  /// What messages call the function: module and name.
  public let name: String
  private let arguments: [LuaValue]
  /// Those of the arguments that are machines, as they were.
  private var machines: [(position: Int, machine: Machine)] = []

  init(_ name: String, _ call: borrowing Call, _ context: ScenarioContext) throws(BindingError) {
    self.name = name
    // A call has at most 16 arguments.
    arguments = (0..<call.argumentCount).map { call.value($0 + 1) }
    for position in 1..<(arguments.count + 1) {
      guard case .handle(let handle) = arguments[position - 1], handle.type == context.machineType else { continue }
      machines.append((position, try context.machine(call, position).machine))
    }
  }

  /// Bytes of all strings among the arguments.
  var byteCount: Int { arguments.reduce(0) { count, value in if case .bytes(let bytes) = value { count + bytes.count } else { count } } }

  /// Arguments that the script gave; they are counted from 1.
  public var argumentCount: Int { arguments.count }

  /// Nothing, or nil.
  public func isAbsent(_ position: Int) -> Bool { value(position) == .nil }

  /// The argument as it is, `.nil` where there is none; nil where it is a thing that does not cross.
  public func value(_ position: Int) -> HostValue? {
    switch argument(position) {
    case .nil, nil: return .nil
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .bytes(let bytes): return .bytes(bytes)
    case .handle, .other: return nil
    }
  }

  /// A whole number, `4096.0` too.
  ///
  /// - Throws: a message with the position and what stands there instead, an error of the script at its line. So do the other readers.
  public func integer(_ position: Int) throws(HostError) -> Int64 {
    switch value(position) {
    case .integer(let value): return value
    // 4096.0 is a whole number too; 4096.5 is not.
    case .number(let value):
      guard let exact = Int64(exactly: value) else { throw mismatch(position, "a whole number") }
      return exact
    case .nil, .boolean, .bytes, nil: throw mismatch(position, "a whole number")
    }
  }

  /// A number of either kind.
  public func number(_ position: Int) throws(HostError) -> Double {
    switch value(position) {
    case .integer(let value): return Double(value)
    case .number(let value): return value
    case .nil, .boolean, .bytes, nil: throw mismatch(position, "a number")
    }
  }

  /// `true` or `false`; nothing else stands for them.
  public func boolean(_ position: Int) throws(HostError) -> Bool {
    guard case .boolean(let value) = value(position) else { throw mismatch(position, "true or false") }
    return value
  }

  /// The bytes of a string.
  public func bytes(_ position: Int) throws(HostError) -> [UInt8] {
    guard case .bytes(let bytes) = value(position) else { throw mismatch(position, "a string") }
    return bytes
  }

  /// A string that must be UTF-8.
  public func string(_ position: Int) throws(HostError) -> String {
    guard let text = String(validating: try bytes(position), as: UTF8.self) else {
      throw mismatch(position, "a string of valid UTF-8")
    }
    return text
  }

  /// The script's machine as it is at this moment: a copy, so that nothing done to it reaches the script.
  public func machine(_ position: Int) throws(HostError) -> Machine {
    guard let found = machines.first(where: { $0.position == position }) else { throw mismatch(position, "a machine") }
    return found.machine
  }

  private func argument(_ position: Int) -> LuaValue? { arguments.indices.contains(position - 1) ? arguments[position - 1] : nil }

  private func mismatch(_ position: Int, _ expected: String) -> HostError {
    HostError("argument \(position) must be \(expected), got \(argument(position)?.shown ?? "nothing")")
  }
}
