import CSGXBench
import ScenarioLanguage

/// A function of C that scripts can call.
struct HostedFunction {
  let module: String
  let name: String
  let body: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?) -> Bool
  let context: UnsafeMutableRawPointer?

  func call(_ given: HostCall) throws -> [HostValue] {
    let call = HostedCall(given)
    let went = withExtendedLifetime(call) { body(context, lend(call)) }
    guard went else { throw call.error ?? HostError("failed and did not say why") }
    return call.results
  }
}

/// What a `sgxbench_call` is.
final class HostedCall {
  let given: HostCall
  var results: [HostValue] = []
  var error: HostError?
  /// Strings that C has looked at.
  var texts: [CText] = []

  init(_ given: HostCall) { self.given = given }

  /// Reads an argument into a place of C's; false, with the reason noted, where it cannot be.
  func read<Value>(_ place: UnsafeMutablePointer<Value>?, _ reader: (HostCall) throws(HostError) -> Value) -> Bool {
    do throws(HostError) {
      let value = try reader(given)
      guard let place else { throw HostError("no place for an argument") }
      place.pointee = value
      return true
    } catch {
      self.error = error
      return false
    }
  }
}

@c(sgxbench_call_argument_count) @implementation
public func sgxbench_call_argument_count(_ call: OpaquePointer?) -> Int32 {
  Int32(object(call, HostedCall.self)?.given.argumentCount ?? 0)
}

@c(sgxbench_call_integer) @implementation
public func sgxbench_call_integer(_ call: OpaquePointer?, _ position: Int32, _ value: UnsafeMutablePointer<Int64>?) -> Bool {
  object(call, HostedCall.self)?.read(value) { (given) throws(HostError) in try given.integer(Int(position)) } ?? false
}

@c(sgxbench_call_number) @implementation
public func sgxbench_call_number(_ call: OpaquePointer?, _ position: Int32, _ value: UnsafeMutablePointer<Double>?) -> Bool {
  object(call, HostedCall.self)?.read(value) { (given) throws(HostError) in try given.number(Int(position)) } ?? false
}

@c(sgxbench_call_boolean) @implementation
public func sgxbench_call_boolean(_ call: OpaquePointer?, _ position: Int32, _ value: UnsafeMutablePointer<Bool>?) -> Bool {
  object(call, HostedCall.self)?.read(value) { (given) throws(HostError) in try given.boolean(Int(position)) } ?? false
}

@c(sgxbench_call_string) @implementation
public func sgxbench_call_string(
  _ call: OpaquePointer?, _ position: Int32, _ bytes: UnsafeMutablePointer<UnsafePointer<CChar>?>?, _ length: UnsafeMutablePointer<Int>?
) -> Bool {
  guard let call = object(call, HostedCall.self) else { return false }
  return call.read(bytes) { (given) throws(HostError) in
    let text = CText(try given.bytes(Int(position)))
    call.texts.append(text)
    length?.pointee = text.count
    return text.pointer
  }
}

@c(sgxbench_call_machine_pages) @implementation
public func sgxbench_call_machine_pages(
  _ call: OpaquePointer?, _ position: Int32, _ total: UnsafeMutablePointer<UInt64>?, _ free: UnsafeMutablePointer<UInt64>?
) -> Bool {
  object(call, HostedCall.self)?.read(total) { (given) throws(HostError) in
    let counts = try given.machine(Int(position)).epc
    free?.pointee = counts.free
    return counts.total
  } ?? false
}

@c(sgxbench_call_push_nil) @implementation
public func sgxbench_call_push_nil(_ call: OpaquePointer?) { object(call, HostedCall.self)?.results.append(.nil) }

@c(sgxbench_call_push_integer) @implementation
public func sgxbench_call_push_integer(_ call: OpaquePointer?, _ value: Int64) {
  object(call, HostedCall.self)?.results.append(.integer(value))
}

@c(sgxbench_call_push_number) @implementation
public func sgxbench_call_push_number(_ call: OpaquePointer?, _ value: Double) {
  object(call, HostedCall.self)?.results.append(.number(value))
}

@c(sgxbench_call_push_boolean) @implementation
public func sgxbench_call_push_boolean(_ call: OpaquePointer?, _ value: Bool) {
  object(call, HostedCall.self)?.results.append(.boolean(value))
}

@c(sgxbench_call_push_string) @implementation
public func sgxbench_call_push_string(_ call: OpaquePointer?, _ start: UnsafePointer<CChar>?, _ length: Int) {
  object(call, HostedCall.self)?.results.append(.bytes(bytes(start, length) ?? []))
}

@c(sgxbench_call_fail) @implementation
public func sgxbench_call_fail(_ call: OpaquePointer?, _ message: UnsafePointer<CChar>?) {
  object(call, HostedCall.self)?.error = HostError(message.map { String(cString: $0) } ?? "")
}
