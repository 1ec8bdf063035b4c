import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// What scenarios and Swift programs call by name is made of values, what C and `process:ioctl` call is made of bytes and of structs in the
/// process's memory. Both come to the same call; here each of many random arguments goes in by either door, into machines that were alike.
@Suite("Named calls and bytes") struct NamedCallsTests {
  /// Rounds of calls on each driver. Every field of the four structs is varied in every round.
  private static let rounds: UInt64 = 8
  private static let callsInARound = 50

  @Test(arguments: DriverVersion.all.map(\.label)) func namedCallAndByteCallAreOne(_ name: String) throws {
    let driver = try #require(DriverVersion.all.first { $0.label == name })
    var made: [CallOutcome?: Int] = [:]
    for seed in 0..<Self.rounds {
      var pair = MachinePair(driver: driver, seed: seed)
      for number in 0..<Self.callsInARound where pair.bytes.machine.finding == nil {
        let (byBytes, byName) = pair.step()
        #expect(byBytes.outcome == byName.outcome, "\(driver.label), seed \(seed), call \(number): \(byName.call)")
        #expect(byBytes.restarts == byName.restarts)
        #expect(byBytes.call.report.count == byName.call.report.count)
        #expect(byBytes.call.report.sleeps == byName.call.report.sleeps)
        if let difference = pair.difference {
          Issue.record("\(driver.label), seed \(seed), call \(number): \(difference); \(byName.call)")
          return
        }
        made[byName.outcome, default: 0] += 1
      }
    }
    // Neither door is only refused: some of what went in succeeded, and refusals are of several kinds.
    #expect(made[.success, default: 0] > 20, "\(made)")
    #expect(made.count >= 5, "\(made)")
  }
}

/// Two machines that are alike, one called by bytes and one by name.
private struct MachinePair {
  var bytes: Bench
  private var named: Bench
  private var random: RandomStream
  private var descriptors: [FileDescriptor] = []
  private var isOdd = false

  // Where the structs lie, in the middle of a mapping, one of them across two pages.
  private static let secs = UserAddress(0x1000_0000 + 256)
  private static let secInfo = UserAddress(0x2000_0100)
  private static let sigStruct = UserAddress(0x3000_0800)
  private static let nowhere = UserAddress(0x4000_0000)
  private static let alarm = SignalNumber(14)!

  init(driver: DriverVersion, seed: UInt64) {
    var bench = Bench(pages: 48, driver: driver, checks: .everyStep, wholeTrace: true, seed: seed)
    // In half of the rounds EINIT says yes to any SIGSTRUCT, so that INIT comes to its end.
    if seed % 2 == 0 { bench.machine.processor.suppliedVerdict = .success }
    bench.machine.withProcess(bench.process) { process in
      for address in [Self.secs, Self.secInfo, Self.sigStruct] {
        _ = process.memory.map(at: UserAddress(address.rawValue & ~0xfff), length: ByteCount(2 * pageSize), protection: [.read, .write])
      }
      process.signals.setDisposition(.handler(restarts: seed % 3 == 0), of: Self.alarm)
    }
    descriptors = [bench.open(), bench.open(), bench.provisionDevice(), FileDescriptor(99)]
    (bytes, named) = (bench, bench)
    random = RandomStream(seed: seed, purpose: .faults)
  }

  /// One more call: by bytes and by name.
  mutating func step() -> (Testbench.Task, Testbench.Task) {
    planAFault()
    isOdd = oneIn(3)
    let descriptor = descriptors[oneIn(6) ? below(4) : below(2)]
    let (operation, command, argument) =
      switch below(6) {
      case 0: create(descriptor)
      case 1: initialize(descriptor)
      case 2: provision(descriptor)
      default: addPages(descriptor)
      }
    // Where the argument is a null pointer there is nothing to make a struct of.
    let byBytes = bytes.machine.call(
      .ioctl(command: command.rawValue, argument: argument, descriptor: descriptor, process: bytes.process))
    return (byBytes, named.machine.call(operation))
  }

  /// What is not the same in both, if anything is.
  var difference: String? {
    let (a, b) = (bytes.machine, named.machine)
    if a.logicalState != b.logicalState { return "state" }
    if a.kernelLog.map(\.text) != b.kernelLog.map(\.text) { return "log: \(a.kernelLog.map(\.text)), \(b.kernelLog.map(\.text))" }
    if a.breaches.map(\.detail) != b.breaches.map(\.detail) { return "laws: \(a.breaches), \(b.breaches)" }
    if a.finding != b.finding { return "finding" }
    if a.environment.visits != b.environment.visits { return "visits" }
    let (ours, theirs) = (a.environment.trace.events.map(\.text), b.environment.trace.events.map(\.text))
    guard let index = zip(ours, theirs).enumerated().first(where: { $1.0 != $1.1 })?.offset else {
      return ours.count == theirs.count ? nil : "length of the trace: \(ours.count), \(theirs.count)"
    }
    return "trace: \(ours[index]), \(theirs[index])"
  }

  private mutating func planAFault() {
    guard oneIn(4) else { return }
    let faults: [(Injection, Site)] = [
      (.noMemory, .allocation(.physPage)), (.noMemory, .allocation(.secsBuffer)), (.noMemory, .allocation(.sigstructBuffer)),
      (.noMemory, .allocation(.pageDescriptor)), (.badAddress, .userCopy(.argument)), (.badAddress, .userCopy(.secs)),
      (.badAddress, .userCopy(.secInfo)), (.badAddress, .userCopy(.sigstruct)), (.badAddress, .userCopy(.writeBack)),
      (.badAddress, .userCopy(.pin)), (.signal(Self.alarm), .signalPoll), (.powerCycle(.s3), .leaf(.EEXTEND)),
      (.leafFault(.generalProtection), .leaf(.EADD)), (.leafError(.SGX_UNMASKED_EVENT), .leaf(.EINIT)), (.leafFault(.pageFault), .leaf(.ECREATE)),
    ]
    let (injection, site) = faults[below(faults.count)]
    let nth = UInt64(1 + below(4))
    bytes.machine.strike(injection, at: site, nth: nth)
    named.machine.strike(injection, at: site, nth: nth)
  }

  // Arguments: of each a value, and the bytes that say the same.

  private typealias Argument = (Operation, EnclaveIoctl, [UInt8]?)

  private mutating func create(_ descriptor: FileDescriptor) -> Argument {
    var secs = SECS(size: odd(4) ? anyNumber() : 0x4_0000, baseAddress: LinearAddress(odd(6) ? anyNumber() : Bench.base))
    if odd(8) { secs.ssaFrameSize = UInt32(truncatingIfNeeded: anyNumber()) }
    if odd(8) { secs.miscSelect = MiscSelect(rawValue: UInt32(truncatingIfNeeded: anyNumber())) }
    if odd(4) { secs.attributes = AttributeFlags(rawValue: odd(2) ? 0x14 : anyNumber()) }
    if odd(8) { secs.xfrm = XFRM(rawValue: anyNumber()) }
    if odd(8) { secs.reservedBytesSet = [SECS.reservedRanges[below(SECS.reservedRanges.count)].lowerBound] }
    if odd(8) { secs.configSVN = UInt16(truncatingIfNeeded: anyNumber()) }
    var request = CreateRequest(secs: secs)
    (request.argumentIsReadable, request.secsIsReadable) = (!odd(12), !odd(12))
    put(secs.image, at: Self.secs)
    return (
      .create(CreateCall(process: bytes.process, descriptor: descriptor, request: request)), .SGX_IOC_ENCLAVE_CREATE,
      request.argumentIsReadable ? words(pointer(to: Self.secs, request.secsIsReadable)) : nil
    )
  }

  private mutating func addPages(_ descriptor: FileDescriptor) -> Argument {
    var secInfo = SecInfo(flags: [0x203, 0x205, 0x100, 0x207, 0x201, 0x202][below(6)])
    if odd(12) { secInfo.flags = anyNumber() }
    if odd(12) { secInfo.reserved.setByte(below(56), to: UInt8(1 + below(255))) }
    var request = AddPagesRequest(
      source: odd(10) ? UserAddress(anyNumber()) : bytes.source,
      enclaveOffset: odd(12) ? EnclaveOffset(anyNumber()) : EnclaveOffset(pageIndex: UInt64(below(64))),
      length: ByteCount(odd(12) ? anyNumber() : UInt64(1 + below(5)) * pageSize), secInfo: secInfo, flags: odd(8) ? anyNumber() : UInt64(below(2)))
    if odd(16) { request.argument = .unreadable }
    request.secInfoIsReadable = !odd(16)
    put(words(secInfo.flags) + withUnsafeBytes(of: secInfo.reserved.words) { Array($0) }, at: Self.secInfo)
    let argument = words(
      request.source.rawValue, request.enclaveOffset.rawValue, request.length.rawValue, pointer(to: Self.secInfo, request.secInfoIsReadable),
      request.flags, anyNumber())
    return (
      .addPages(AddPagesCall(process: bytes.process, descriptor: descriptor, request: request)), .SGX_IOC_ENCLAVE_ADD_PAGES,
      request.argument == .unreadable ? nil : argument
    )
  }

  private mutating func initialize(_ descriptor: FileDescriptor) -> Argument {
    var sigStruct = SigStruct()
    if odd(4) { sigStruct.vendor = odd(2) ? 0x8086 : UInt32(truncatingIfNeeded: anyNumber()) }
    for _ in 0..<below(3) { sigStruct[offset: below(SigStruct.size)] = UInt8(below(256)) }
    var request = InitRequest(sigStruct: sigStruct)
    (request.argumentIsReadable, request.sigStructIsReadable) = (!odd(12), !odd(12))
    put(sigStruct.bytes, at: Self.sigStruct)
    return (
      .initialize(InitCall(process: bytes.process, descriptor: descriptor, request: request)), .SGX_IOC_ENCLAVE_INIT,
      request.argumentIsReadable ? words(pointer(to: Self.sigStruct, request.sigStructIsReadable)) : nil
    )
  }

  private mutating func provision(_ descriptor: FileDescriptor) -> Argument {
    let number = UInt64(UInt32(bitPattern: descriptors[below(4)].rawValue))
    var request = ProvisionRequest(fd: odd(4) ? number | 1 << 40 : odd(8) ? anyNumber() : number)
    request.argumentIsReadable = !odd(12)
    return (
      .provision(ProvisionCall(process: bytes.process, descriptor: descriptor, request: request)), .SGX_IOC_ENCLAVE_PROVISION,
      request.argumentIsReadable ? words(request.fd) : nil
    )
  }

  /// Both processes have it in their memory, whoever reads it.
  private mutating func put(_ image: [UInt8], at address: UserAddress) {
    let written = [bytes.machine.write(image, at: address, in: bytes.process), named.machine.write(image, at: address, in: named.process)]
    precondition(written == [true, true])
  }

  private func pointer(to address: UserAddress, _ isReadable: Bool) -> UInt64 { (isReadable ? address : Self.nowhere).rawValue }

  private func words(_ values: UInt64...) -> [UInt8] {
    values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
  }

  private mutating func below(_ bound: Int) -> Int { Int(random.next(below: UInt64(bound))) }
  /// Whether a field is one that no loader would send: in a third of the calls some are.
  private mutating func odd(_ count: Int) -> Bool { oneIn(count) && isOdd }
  private mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

  /// Numbers at which something ends, and numbers near them.
  private mutating func anyNumber() -> UInt64 {
    let edges: [UInt64] = [0, 1, 2, 0xfff, pageSize, 0x4_0000, 0x7fff_ffff_f000, 1 << 32, 1 << 36, 1 << 63, .max, bytes.source.rawValue]
    let edge = edges[below(edges.count)]
    return oneIn(3) ? edge &+ UInt64(below(4)) &- 2 : edge
  }
}
