import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

@testable import Testbench

/// Plays recorded operations on a machine and says its answers in the recording's own terms.
struct Adapter {
  private(set) var machine: Machine
  private let process: ProcessID
  /// The recording's descriptor 100.
  private let provisionDevice: FileDescriptor
  private var descriptors: [Int: FileDescriptor] = [:]
  /// What was last said of each handle, and of the counters: only changes are recorded.
  private var lastStates: [String: String] = [:]
  private var lastFree: UInt64?
  private var lastQueued: UInt64?

  /// The processor of the recording (kernel-answers.md, section 1).
  static func profile(hasSGX2: Bool) -> ProcessorProfile {
    var profile = ProcessorProfile(
      name: "recorded", hasSGX2: hasSGX2, attributes: AttributeFlags(rawValue: 0xb6), xfrm: XFRM(rawValue: 7),
      miscSelect: MiscSelect(rawValue: 1), maxSizeLog2: 36, maxSizeLog2For32Bit: 31)
    profile.hasEUPDATESVN = false
    return profile
  }

  init(_ sequence: RecordedSequence, driver: DriverVersion = .v6_1_192) {
    var configuration = MachineConfiguration(
      pageCount: sequence.epc, driver: driver, processor: Self.profile(hasSGX2: sequence.sgx2 != 0))
    configuration.runsBackgroundReclaimer = (sequence.ksgxd ?? "auto") == "auto"
    machine = Machine(configuration)
    process = machine.makeProcess()
    machine.withProcess(process) { $0.signals.setDisposition(.handler(restarts: false), of: Strikes.signal) }
    provisionDevice = machine.openProvision(for: process)!
  }

  /// Plays one operation and returns what the recording would say of it; nil once the run has ended in a finding.
  mutating func play(_ operation: RecordedOperation) -> RecordedAnswer? {
    let interruptsBefore = machine.driver.interruptRounds
    let warningsBefore = machine.driver.log.warnings.count
    let leavesBefore = leafVisits
    var nestedLeaves = [UInt64](repeating: 0, count: leavesBefore.count)
    var answer = run(operation, &nestedLeaves)
    guard machine.finding == nil else { return nil }

    let leaves = zip(zip(leafVisits, leavesBefore), nestedLeaves).map { $0.0 - $0.1 - $1 }
    answer.L = Self.text(leaves)
    let warnings = machine.driver.log.warnings[warningsBefore...].map(Self.text)
    answer.w = warnings.isEmpty ? nil : warnings
    func some(_ number: UInt64) -> UInt64? { number == 0 ? nil : number }
    answer.ipi = some(machine.driver.interruptRounds - interruptsBefore)
    answer.kb = machine.takeBackgroundBatches()
    noteChanges(&answer)
    return answer
  }

  private var leafVisits: [UInt64] { LeafName.allCases.map { machine.environment.visits(of: .leaf($0)) } }

  /// Makes the call itself, with what is planned for it and what others do meanwhile.
  private mutating func run(_ operation: RecordedOperation, _ nestedLeaves: inout [UInt64]) -> RecordedAnswer {
    var answer = RecordedAnswer()
    if let immediate = perform(operation) { return immediate }
    guard let call = systemCall(for: operation, &answer) else { return answer }
    let planned = Strikes.plan(operation, on: &machine)
    // The recording's processor measured nothing: what EINIT is to say stands in the row.
    let outerVerdict = machine.processor.suppliedVerdict
    defer { machine.processor.suppliedVerdict = outerVerdict }
    machine.processor.suppliedVerdict = operation.einit.flatMap { $0 == 0 ? nil : .code(LeafError(rawValue: $0)!) } ?? .success
    let task = step(call, meanwhile: operation.at ?? [], &answer, &nestedLeaves)
    for line in planned { machine.cancelInjection(line) }
    machine.withProcess(process) { while $0.signals.deliver() != nil {} }
    note(task, of: operation, &answer)
    return answer
  }

  /// Steps below the signal layer; a nested operation runs when its point has been visited so often.
  private mutating func step(
    _ call: Testbench.Operation, meanwhile nested: [RecordedOperation.Nested], _ answer: inout RecordedAnswer,
    _ nestedLeaves: inout [UInt64]
  ) -> Testbench.Task {
    let id = machine.begin(call)
    var waiting = nested.map { ($0, due: visits(of: $0.point, in: id) + $0.nth) }
    while !machine.isFinished(id) {
      machine.step(id, deliversSignals: false)
      while let next = waiting.first, !machine.isFinished(id), visits(of: next.0.point, in: id) >= next.due {
        waiting.removeFirst()
        let before = leafVisits
        var inner = [UInt64](repeating: 0, count: before.count)
        let result = run(next.0.operation, &inner)
        nestedLeaves = zip(nestedLeaves, zip(leafVisits, before)).map { $0 + $1.0 - $1.1 }
        answer.n = (answer.n ?? []) + ["ret=\(result.ret ?? 0)" + (result.c.map { " c=\($0)" } ?? "") + (result.f.map { " f=\($0)" } ?? "")]
      }
    }
    return machine.take(id)
  }

  /// How often a point of the recording was reached. Two of them lie inside a batch of the reclaimer and are no sites of ours.
  private func visits(of point: String, in id: TaskID) -> UInt64 {
    guard point == "zap" || point == "age" else { return machine.environment.visits(of: Strikes.site(point)) }
    guard case .reclaim(let call) = machine.tasks[id.place].call else { return 0 }
    return point == "zap" ? call.removalsReached : call.agesReached
  }

  /// What is no system call of the driver.
  private mutating func perform(_ operation: RecordedOperation) -> RecordedAnswer? {
    switch operation.op {
    case "power":
      machine.powerCycle(.s3)
    case "umap":
      let kind = operation.kind ?? "rw"
      let protection: PagePermissions = kind == "rw" ? [.read, .write] : kind.hasSuffix("none") ? [] : [.read]
      _ = machine.withProcess(process) {
        $0.memory.map(
          at: UserAddress(operation.addr ?? 0x10_0000), length: ByteCount(operation.len ?? 0x4_0000),
          protection: protection, mayExecute: !kind.hasPrefix("noexec"),
          contents: .fill(operation.fill == "data" ? 0x11 : 0))
      }
    default:
      return nil
    }
    return RecordedAnswer()
  }

  /// The call; nil, with an answer, where the recording left it out.
  private func systemCall(for operation: RecordedOperation, _ answer: inout RecordedAnswer) -> Testbench.Operation? {
    let handle = operation.e ?? 0
    if operation.op == "open" {
      if descriptors[handle] != nil { answer.x = "SKIP" }
      return descriptors[handle] == nil ? .open(OpenCall(process: process)) : nil
    }
    if let call = Strikes.memoryCall(operation, process) { return call }
    guard let descriptor = descriptors[handle] else {
      answer.x = "NOFILE"
      return nil
    }
    switch operation.op {
    case "close": return .close(CloseCall(process: process, descriptor: descriptor))
    case "create":
      return .create(CreateCall(process: process, descriptor: descriptor, request: CreateRequest(operation)))
    case "add":
      return .addPages(AddPagesCall(process: process, descriptor: descriptor, request: AddPagesRequest(operation)))
    case "init":
      return .initialize(InitCall(process: process, descriptor: descriptor, request: InitRequest(operation)))
    case "prov":
      return .provision(ProvisionCall(process: process, descriptor: descriptor, request: provisionRequest(operation, enclave: descriptor)))
    case "mmap":
      return .mmap(MmapCall(process: process, descriptor: descriptor, request: MmapRequest(operation)))
    case "ioctl":
      return .unknownIoctl(UnknownIoctlCall(process: process, descriptor: descriptor, command: operation.cmd ?? 0))
    default: preconditionFailure("only replayable sequences are played")
    }
  }

  /// 100 is the provisioning device, 101 another open file, whose part the enclave's own plays; anything else is closed.
  private func provisionRequest(_ operation: RecordedOperation, enclave: FileDescriptor) -> ProvisionRequest {
    let fd = operation.fd ?? 0
    let known: [UInt64: FileDescriptor] = [100: provisionDevice, 101: enclave]
    var request = ProvisionRequest(fd: known[fd & 0xffff_ffff].map { (fd & ~0xffff_ffff) | UInt64($0.rawValue) } ?? 0x3fff_ffff)
    request.argumentIsReadable = operation.argfault != "in"
    return request
  }

  private mutating func note(_ task: Testbench.Task, of operation: RecordedOperation, _ answer: inout RecordedAnswer) {
    if case .failure(let error)? = task.call.result { answer.ret = error.returnValue }
    answer.c = task.call.count
    answer.f = task.call.access?.rawValue
    if operation.op == "ksgxd", case .reclaim(let call) = task.call { answer.b = call.batches }
    answer.sl = task.call.sleeps.flatMap { $0 == 0 ? nil : $0 }
    guard case .success? = task.call.result else { return }
    switch task.call {
    case .open(let call): descriptors[operation.e ?? 0] = call.descriptor
    case .close: descriptors[operation.e ?? 0] = nil
    case .create, .addPages, .initialize, .provision, .unknownIoctl, .mmap, .mprotect, .munmap, .access, .reclaim: break
    }
  }

  private mutating func noteChanges(_ answer: inout RecordedAnswer) {
    let pool = machine.driver.pool
    if lastFree != pool.freeCount { answer.free = pool.freeCount }
    if lastQueued != pool.queuedCount { answer.act = pool.queuedCount }
    (lastFree, lastQueued) = (pool.freeCount, pool.queuedCount)
    for (handle, descriptor) in descriptors {
      guard let id = machine.driver.enclaveID(of: descriptor, in: process) else { continue }
      let state = Self.text(machine.driver[id])
      if lastStates[String(handle)] != state { answer.s = (answer.s ?? [:]).merging([String(handle): state]) { $1 } }
      lastStates[String(handle)] = state
    }
  }

  /// What is left at the end.
  func end() -> RecordedEnd {
    let driver = machine.driver
    var end = RecordedEnd()
    end.free = driver.pool.freeCount
    end.list = driver.pool.freeListLength
    end.poison = 0
    end.total = UInt64(driver.pool.total)
    end.active = driver.pool.queuedCount
    end.valid = machine.processor.validPageCount
    let enclaves = driver.enclaves.compactMap { $0 }
    // Backing files; no sequence leaves the device open.
    end.files = UInt64(enclaves.count { $0.created != nil } + driver.files.count { $0?.enclave != nil })
    func some(_ number: UInt64) -> UInt64? { number == 0 ? nil : number }
    end.k_encl = some(UInt64(enclaves.count))
    end.k_va_desc = some(enclaves.reduce(0) { $0 + UInt64($1.versionArrays.count) })
    end.k_page_desc = some(enclaves.reduce(0) { $0 + $1.slots.count })
    return end
  }
}
