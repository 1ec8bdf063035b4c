import CSGXBench
import LinuxKernel
import SGXArchitecture
import SGXDriver
import ScenarioLanguage
import Simulation
import Testbench

// What happens to a machine from outside its calls, and what it has to say.

@c(sgxbench_memory_write) @implementation
public func sgxbench_memory_write(
  _ machine: OpaquePointer?, _ process: Int32, _ address: UInt64, _ start: UnsafeRawPointer?, _ length: Int
) -> Bool {
  guard let bench = object(machine, BenchMachine.self), let id = bench.process(process), isUserRange(address, length) else { return false }
  guard let start else { return length == 0 }
  return bench.machine.write(Array(UnsafeRawBufferPointer(start: start, count: length)), at: UserAddress(address), in: id)
}

@c(sgxbench_memory_read) @implementation
public func sgxbench_memory_read(
  _ machine: OpaquePointer?, _ process: Int32, _ address: UInt64, _ place: UnsafeMutableRawPointer?, _ length: Int
) -> Bool {
  guard let bench = object(machine, BenchMachine.self), let id = bench.process(process), isUserRange(address, length), let place,
    let bytes = bench.machine.driver.processes[id.rawValue].memory.read(UserAddress(address), count: length)
  else { return false }
  place.copyMemory(from: bytes, byteCount: length)
  return true
}

private func isUserRange(_ address: UInt64, _ length: Int) -> Bool {
  length >= 0 && address <= AddressSpace.end.rawValue && UInt64(length) <= AddressSpace.end.rawValue - address
}

@c(sgxbench_handle_signal) @implementation
public func sgxbench_handle_signal(_ machine: OpaquePointer?, _ process: Int32, _ signal: Int32, _ restarts: Bool) -> sgxbench_status {
  guard let bench = object(machine, BenchMachine.self) else { return SGXBENCH_INVALID }
  guard let id = bench.process(process) else { return SGXBENCH_INVALID }
  guard let signal = SignalNumber(Int(signal)) else { return bench.refuse(SGXBENCH_INVALID, "a signal is 1 to 64") }
  bench.machine.withProcess(id) { $0.signals.setDisposition(.handler(restarts: restarts), of: signal) }
  return bench.succeed()
}

@c(sgxbench_sign) @implementation
public func sgxbench_sign(_ machine: OpaquePointer?, _ process: Int32, _ fd: Int32, _ place: UnsafeMutableRawPointer?) -> Bool {
  guard let bench = object(machine, BenchMachine.self), let id = bench.process(process), let place,
    let enclave = bench.machine.driver.enclaveID(of: FileDescriptor(fd), in: id), let created = bench.machine.driver[enclave].created,
    let hash = bench.machine.measurement(FileDescriptor(fd), in: id)
  else { return false }
  var sigStruct = SigStruct()
  sigStruct.attributes = created.attributes
  sigStruct.xfrm = .legacy
  sigStruct.enclaveHash = hash
  sigStruct.sign(with: .test)
  place.copyMemory(from: sigStruct.bytes, byteCount: SigStruct.size)
  return true
}

@c(sgxbench_inject) @implementation
public func sgxbench_inject(_ machine: OpaquePointer?, _ fault: UnsafePointer<CChar>?) -> sgxbench_status {
  guard let bench = object(machine, BenchMachine.self) else { return SGXBENCH_INVALID }
  guard let words = text(fault) else { return bench.refuse(SGXBENCH_INVALID, "the fault is NULL or no UTF-8") }
  do throws(FaultText.Problem) {
    let planned = try FaultText.parse(words)
    bench.machine.inject(planned.injection, at: planned.trigger)
  } catch {
    return bench.refuse(SGXBENCH_NAME, error.text)
  }
  return bench.succeed()
}

@c(sgxbench_cancel_faults) @implementation
public func sgxbench_cancel_faults(_ machine: OpaquePointer?) -> sgxbench_status {
  guard let bench = object(machine, BenchMachine.self) else { return SGXBENCH_INVALID }
  bench.machine.cancelInjections()
  return bench.succeed()
}

@c(sgxbench_power_cycle) @implementation
public func sgxbench_power_cycle(_ machine: OpaquePointer?, _ kind: UnsafePointer<CChar>?) -> sgxbench_status {
  guard let bench = object(machine, BenchMachine.self) else { return SGXBENCH_INVALID }
  guard let kind = text(kind).flatMap(PowerCycleKind.init(rawValue:)) else {
    return bench.refuse(SGXBENCH_NAME, "no power cycle is called so (\(PowerCycleKind.allCases.map(\.rawValue).joined(separator: ", ")))")
  }
  bench.machine.powerCycle(kind)
  return bench.succeed()
}

@c(sgxbench_epc) @implementation
public func sgxbench_epc(
  _ machine: OpaquePointer?, _ total: UnsafeMutablePointer<UInt64>?, _ free: UnsafeMutablePointer<UInt64>?, _ leaked: UnsafeMutablePointer<UInt64>?
) {
  let epc = object(machine, BenchMachine.self)?.machine.epc
  total?.pointee = epc?.total ?? 0
  free?.pointee = epc?.free ?? 0
  leaked?.pointee = epc?.leaked ?? 0
}

@c(sgxbench_log_count) @implementation
public func sgxbench_log_count(_ machine: OpaquePointer?) -> Int { object(machine, BenchMachine.self)?.machine.kernelLog.count ?? 0 }

@c(sgxbench_log_line) @implementation
public func sgxbench_log_line(_ machine: OpaquePointer?, _ line: Int) -> UnsafePointer<CChar>? {
  object(machine, BenchMachine.self).flatMap { bench in element(bench.machine.kernelLog, line).map { bench.lend($0.text) } }
}

@c(sgxbench_trace_count) @implementation
public func sgxbench_trace_count(_ machine: OpaquePointer?) -> Int { object(machine, BenchMachine.self)?.events.count ?? 0 }

@c(sgxbench_trace_line) @implementation
public func sgxbench_trace_line(_ machine: OpaquePointer?, _ line: Int) -> UnsafePointer<CChar>? {
  object(machine, BenchMachine.self).flatMap { bench in element(bench.events, line).map { bench.lend($0.text) } }
}

@c(sgxbench_broken_law_count) @implementation
public func sgxbench_broken_law_count(_ machine: OpaquePointer?) -> Int { object(machine, BenchMachine.self)?.machine.breaches.count ?? 0 }

@c(sgxbench_broken_law) @implementation
public func sgxbench_broken_law(_ machine: OpaquePointer?, _ law: Int) -> UnsafePointer<CChar>? {
  object(machine, BenchMachine.self).flatMap { bench in
    element(bench.machine.breaches, law).map { bench.lend("\($0.invariant.rawValue): \($0.detail)") }
  }
}

@c(sgxbench_machine_finding) @implementation
public func sgxbench_machine_finding(_ machine: OpaquePointer?) -> UnsafePointer<CChar>? {
  object(machine, BenchMachine.self).flatMap { bench in bench.machine.finding.map { bench.lend(bench.machine.text(of: $0)) } }
}

private func element<Element>(_ elements: [Element], _ index: Int) -> Element? { elements.indices.contains(index) ? elements[index] : nil }
