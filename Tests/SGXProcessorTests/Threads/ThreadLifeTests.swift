@testable import SGXProcessor
import SGXArchitecture
import Simulation
import TestSupport
import Testing

/// A thread's way into an enclave, out of it and back: registers, TCS and frames.
@Suite struct ThreadLifeTests {
  @Test(arguments: [ProcessorProfile.server, .client, .serverWithCET]) func enterAndExit(_ profile: ProcessorProfile) {
    var bench = ThreadBench(profile)
    bench.cpu.registers.rflags |= RFlags.trap
    #expect(bench.enter() == .done)
    let registers = bench.cpu.registers
    #expect(registers[.rax] == 0, "CSSA")
    #expect(registers[.rcx] == 0x40_1003, "behind ENCLU")
    #expect(registers.rip == ThreadBench.address(0x7000).rawValue)
    #expect(registers[.rsp] == 0x7fff_0000 && registers[.rbp] == 0x7fff_0100, "handed on")
    #expect(registers.fsBase == TestSupport.Bench.base.rawValue && registers.gsBase == TestSupport.Bench.base.rawValue)
    #expect(registers.rflags & RFlags.trap == 0, "opted out of debugging")
    #expect(bench.cpu.control.xcr0 == .legacy)
    #expect(bench.tcs(.state) == 1 && bench.tcs(.aep) == ThreadBench.aep.rawValue && bench.tcs(.cssa) == 0)
    #expect(bench.gpr(GPRField.ursp.offset) == 0x7fff_0000 && bench.gpr(GPRField.urbp.offset) == 0x7fff_0100)
    #expect(bench.bench.record(0).tracking.threadsInside == 1)
    #expect(bench.enter() == .fault(.generalProtection, row: CommonRow.insideEnclave))

    bench.cpu.registers[.r8] = 77
    #expect(bench.run(EEXIT(target: LinearAddress(0x40_2000))) == .done)
    #expect(bench.cpu.registers.rip == 0x40_2000 && bench.cpu.registers[.rcx] == ThreadBench.aep.rawValue)
    #expect(bench.cpu.registers[.r8] == 77, "EEXIT clears nothing")
    #expect(bench.cpu.registers.fsBase == 0x5000 && bench.cpu.registers.gsBase == 0x6000)
    #expect(bench.cpu.registers.rflags & RFlags.trap != 0)
    #expect(bench.cpu.control.xcr0 == profile.xfrm)
    #expect(bench.tcs(.state) == 0 && bench.tcs(.cssa) == 0)
    #expect(bench.bench.record(0).tracking.threadsInside == 0)
    #expect(!bench.cpu.isInEnclave)
    #expect(bench.run(EEXIT(target: LinearAddress(0))) == .fault(.generalProtection, row: CommonRow.outsideEnclave))
  }

  @Test func twoThreadsDoNotShareATCS() {
    var bench = ThreadBench()
    #expect(bench.enter() == .done)
    var other = LogicalProcessor(.server)
    let outcome = bench.bench.processor.execute(
      EENTER(tcs: ThreadBench.tcs, aep: ThreadBench.aep), by: &other, through: bench.tables, in: &bench.bench.environment)
    #expect(outcome == .fault(.generalProtection, row: EENTER.Check.active.rawValue))
  }

  /// The frame holds what a handler inside looks for; outside nothing of the enclave shows.
  @Test func aFaultIsSavedWhereTheManualPutsIt() {
    var bench = ThreadBench()
    #expect(bench.enter() == .done)
    for register in GeneralRegister.allCases { bench.cpu.registers[register] = 0x1000 + UInt64(register.rawValue) }
    bench.cpu.registers.rip = 0x7000_0000_7123
    bench.cpu.registers.rflags |= RFlags.carry | RFlags.direction
    bench.cpu.extended.fcw = 0x27f
    bench.cpu.extended.inUse = 1
    let fault = ThreadException(vector: 14, errorCode: 0x8007, address: ThreadBench.address(0x9123))
    #expect(bench.exit(by: .exception(fault)) == ThreadException(vector: 14, errorCode: 0x8007, address: ThreadBench.address(0x9000)))

    let frame = bench.bench.bytes(3)
    for register in GeneralRegister.allCases { #expect(bench.gpr(register.rawValue * 8) == 0x1000 + UInt64(register.rawValue)) }
    #expect(bench.gpr(GPRField.rip.offset) == 0x7000_0000_7123)
    #expect(bench.gpr(GPRField.rflags.offset) & (RFlags.carry | RFlags.direction) == RFlags.carry | RFlags.direction)
    #expect(frame.load(UInt32.self, at: 4096 - 184 + 160) == 0x8000_030e, "VALID, hardware exception, #PF")
    #expect(frame.load(UInt64.self, at: 4096 - 200) == ThreadBench.address(0x9123).rawValue, "MADDR is the whole address")
    #expect(frame.load(UInt32.self, at: 4096 - 192) == 0x8007)
    let xsave = bench.bench.bytes(2)
    #expect(xsave.load(UInt16.self, at: 0) == 0x27f && xsave.load(UInt64.self, at: 512) == 1)

    let outside = bench.cpu.registers
    #expect(outside[.rax] == 3 && outside[.rbx] == ThreadBench.tcs.rawValue && outside[.rcx] == ThreadBench.aep.rawValue)
    #expect(outside.rip == ThreadBench.aep.rawValue && outside[.rsp] == 0x7fff_0000 && outside[.rbp] == 0x7fff_0100)
    for register in [GeneralRegister.rdx, .rsi, .rdi, .r8, .r15] { #expect(outside[register] == 0) }
    #expect(outside.rflags & RFlags.carry == 0 && outside.rflags & RFlags.direction != 0)
    #expect(bench.cpu.extended.fcw == 0x37f && bench.cpu.extended.mxcsr == 0x1fb0)
    #expect(bench.tcs(.cssa) == 1 && bench.tcs(.state) == 0)
    #expect(bench.bench.record(0).tracking.threadsInside == 0)
    #expect(bench.bench.environment.trace.events.last == .thrownOut(PhysPageNumber(1), vector: 14))

    #expect(bench.resume() == .done)
    for register in GeneralRegister.allCases { #expect(bench.cpu.registers[register] == 0x1000 + UInt64(register.rawValue)) }
    #expect(bench.cpu.registers.rip == 0x7000_0000_7123 && bench.cpu.extended.fcw == 0x27f)
    #expect(bench.tcs(.cssa) == 0 && bench.tcs(.state) == 1)
  }

  /// A handler enters in the frame above, changes the saved RIP, and the host resumes past the fault.
  @Test func aHandlerInsideMendsTheFrameBelow() {
    var bench = ThreadBench()
    #expect(bench.enter() == .done)
    bench.cpu.registers.rip = 0x7000_0000_7100
    #expect(bench.exit(by: .exception(.invalidOpcode)) == .invalidOpcode)
    #expect(bench.enter() == .done)
    #expect(bench.cpu.registers[.rax] == 1, "CSSA tells the handler how deep it is")
    let rip = 0x3000 + UInt64(SSAFrame.gprOffset + GPRField.rip.offset)
    guard case .success(let saved) = bench.load(8, at: rip) else {
      Issue.record("the frame is enclave memory")
      return
    }
    #expect(saved.load(UInt64.self, at: 0) == 0x7000_0000_7100)
    var mended = [UInt8](repeating: 0, count: 8)
    mended.store(UInt64(0x7000_0000_7102), at: 0)
    #expect(bench.store(mended, at: rip) == nil)
    #expect(bench.run(EEXIT(target: ThreadBench.aep)) == .done)
    #expect(bench.resume() == .done)
    #expect(bench.cpu.registers.rip == 0x7000_0000_7102)
    #expect(bench.tcs(.cssa) == 0)
  }

  @Test func framesRunOut() {
    var bench = ThreadBench()
    for depth: UInt64 in 0..<2 {
      #expect(bench.enter() == .done)
      #expect(bench.cpu.registers[.rax] == depth)
      #expect(bench.exit(by: .interrupt) == nil)
    }
    #expect(bench.enter() == .fault(.generalProtection, row: EENTER.Check.noFrameLeft.rawValue))
    #expect(bench.resume() == .done, "what is saved can be resumed")
    #expect(bench.tcs(.cssa) == 1)
  }

  /// AEX-Notify: ERESUME starts at the entry point, and EDECCSSA drops the frame below.
  @Test func anEnclaveThatWantsToBeToldIsTold() {
    var bench = ThreadBench(.server, attributes: [.mode64Bit, .aexNotify], tcsFlags: TCS.aexNotify)
    #expect(bench.enter() == .done)
    let flag = 0x3000 + UInt64(SSAFrame.gprOffset + GPRField.aexNotify.offset)
    #expect(bench.store([1], at: flag) == nil)
    bench.cpu.registers.rip = 0x7000_0000_7100
    #expect(bench.exit(by: .interrupt) == nil)
    #expect(bench.resume() == .done)
    #expect(bench.cpu.registers.rip == ThreadBench.address(0x7000).rawValue && bench.cpu.registers[.rax] == 1)
    #expect(bench.tcs(.cssa) == 1 && bench.cpu.entry?.frameIndex == 1)
    let before = bench.cpu.registers
    #expect(bench.run(EDECCSSA()) == .done)
    #expect(bench.tcs(.cssa) == 0 && bench.cpu.entry?.frameIndex == 0)
    #expect(bench.cpu.registers.rip == before.rip + 3)
    #expect(bench.run(EDECCSSA()) == .fault(.generalProtection, row: EDECCSSA.Check.noFrame.rawValue))
    #expect(bench.exit(by: .interrupt) == nil)
    #expect(bench.tcs(.cssa) == 1, "the next exit fills the frame that was dropped")
  }

  /// What EXITINFO says of each vector, with and without EXINFO.
  @Test func exitInfos() {
    for vector: UInt8 in 0..<32 {
      let event = AsynchronousEvent.exception(ThreadException(vector: vector))
      let always: Set<UInt8> = [0, 1, 3, 5, 6, 16, 17, 19]
      #expect(ExitInfo(event, miscSelect: []).isValid == always.contains(vector), "vector \(vector)")
      #expect(ExitInfo(event, miscSelect: .exInfo).isValid == (always.contains(vector) || vector == 13 || vector == 14))
      let all = ExitInfo(event, miscSelect: [.exInfo, .cpInfo])
      #expect(all.isValid == (always.contains(vector) || [13, 14, 21].contains(vector)))
      #expect(all.rawValue == (all.isValid ? 0x8000_0000 | (vector == 3 ? 0x600 : 0x300) | UInt32(vector) : 0))
    }
    #expect(ExitInfo(.interrupt, miscSelect: [.exInfo, .cpInfo]).rawValue == 0)
  }

  /// The power goes while a thread is inside: it is outside, and nothing of its enclave is left.
  @Test func aPowerCycleThrowsThreadsOut() {
    var bench = ThreadBench()
    #expect(bench.enter() == .done)
    bench.bench.processor.powerCycle(.s3, in: &bench.bench.environment)
    #expect(!bench.bench.processor.isInside(bench.cpu))
    #expect(bench.resume() == .fault(.threadPageFault(ThreadBench.tcs, .epcm(.read)), row: 6))
    #expect(bench.cpu.registers.fsBase == 0x5000)
    bench = ThreadBench()
    #expect(bench.enter() == .done)
    bench.bench.environment.plan.add(.powerCycle(.s3), at: InjectionTrigger(sites: SiteSet(.leaf(.EACCEPT)), count: .nth(1)))
    let accept = EACCEPT(secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0x9000))
    #expect(bench.run(accept) == .fault(.generalProtection, row: CommonRow.outsideEnclave))
  }

  @Test func anInjectedAnswerOfENCLURunsNothing() {
    var bench = ThreadBench()
    bench.bench.environment.plan.add(.leafFault(.generalProtection), at: InjectionTrigger(sites: SiteSet(.leaf(.EENTER)), count: .nth(1)))
    #expect(bench.enter() == .fault(.generalProtection, row: 0))
    #expect(bench.tcs(.state) == 0 && !bench.cpu.isInEnclave)
    #expect(bench.enter() == .done)
    #expect(bench.bench.environment.visits(of: .leaf(.EENTER)) == 2)
  }

  /// What ENCLU tests before it looks at the leaf.
  @Test func commonTests() {
    var bench = ThreadBench(.client)
    #expect(bench.enter() == .done)
    let accept = EACCEPT(secInfo: ThreadBench.address(0x6000), target: ThreadBench.address(0x9000))
    #expect(bench.run(accept) == .fault(.generalProtection, row: CommonRow.noSuchLeaf), "SGX1")
    #expect(bench.run(EDECCSSA()).row == CommonRow.noSuchLeaf)
    #expect(bench.run(EVERIFYREPORT2(report: ThreadBench.address(0x6000))).row == CommonRow.noSuchLeaf)
    bench.cpu.control.taskSwitched = true
    #expect(bench.run(accept) == .fault(.deviceNotAvailable, row: CommonRow.taskSwitched))
    bench.cpu.control.taskSwitched = false
    bench.cpu.control.numericErrors = false
    #expect(bench.run(EEXIT(target: ThreadBench.aep)).row == CommonRow.floatingPointErrors)
  }
}
