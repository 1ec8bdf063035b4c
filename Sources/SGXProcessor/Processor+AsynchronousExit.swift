import SGXArchitecture
import Simulation

extension Processor {
  /// AEX: saves the thread in its frame, loads the synthetic state and leaves the enclave (SDM 3D, "AEX Operational Detail"). What is then
  /// delivered outside is the event itself.
  ///
  /// - Returns: the exception as the kernel gets it, the address of a #PF without its low twelve bits; nil for an interrupt.
  @discardableResult
  public mutating func asynchronousExit(
    _ cpu: inout LogicalProcessor, by event: AsynchronousEvent, in environment: inout Environment
  ) -> ThreadException? {
    throwOutIfLost(&cpu)
    var delivered: ThreadException?
    if case .exception(let exception) = event { delivered = exception }
    guard let entry = cpu.entry else { return delivered }
    save(cpu, event, in: entry.saveArea)
    epc[entry.tcsPage].withMutableBytes { tcs in
      tcs.store(entry.saveArea.index &+ 1, field: TCS.Field.cssa)
      tcs.store(TCS.inactive, field: TCS.Field.state)
    }
    loadSyntheticState(into: &cpu, entry, event)
    threadLeaves(entry.thread)
    cpu.entry = nil
    cpu.translations.removeAll()
    environment.trace.record(.thrownOut(entry.tcsPage, vector: delivered?.vector))
    return delivered.map { exception in
      guard exception.vector == 14 else { return exception }
      return ThreadException(
        vector: exception.vector, errorCode: exception.errorCode, address: LinearAddress(exception.address.rawValue & ~(pageSize - 1)))
    }
  }

  /// Table "Processor State at AEX": nothing of the enclave shows.
  private func loadSyntheticState(into cpu: inout LogicalProcessor, _ entry: EnclaveEntry, _ event: AsynchronousEvent) {
    let frame = epc[entry.saveArea.gprPage]
    let aep: UInt64 = epc[entry.tcsPage].load(field: TCS.Field.aep)
    for register in GeneralRegister.allCases { cpu.registers[register] = 0 }
    cpu.registers[.rax] = UInt64(LeafName.ERESUME.number)
    cpu.registers[.rbx] = entry.tcs.rawValue
    cpu.registers[.rcx] = aep
    cpu.registers.rip = aep
    cpu.registers[.rsp] = frame.load(at: SSAFrame.gprOffset + GPRField.ursp.offset)
    cpu.registers[.rbp] = frame.load(at: SSAFrame.gprOffset + GPRField.urbp.offset)
    cpu.registers.rflags &= ~(RFlags.status | RFlags.resume)
    restoreOutside(entry, &cpu)
    cpu.extended = .afterExit(by: event)
  }

  /// What both ways out restore: FS, GS, XCR0, SSP, and TF for a thread that had not opted in to be debugged.
  func restoreOutside(_ entry: EnclaveEntry, _ cpu: inout LogicalProcessor) {
    cpu.registers.fsBase = entry.outside.fsBase
    cpu.registers.gsBase = entry.outside.gsBase
    cpu.registers.ssp = entry.outside.ssp
    cpu.control.xcr0 = entry.outside.xcr0
    if !entry.isOptIn {
      cpu.registers.rflags = cpu.registers.rflags & ~RFlags.trap | (entry.outside.hasTrapFlag ? RFlags.trap : 0)
    }
  }

  /// True where the thread is in an enclave that still exists.
  public func isInside(_ cpu: borrowing LogicalProcessor) -> Bool { cpu.entry.map { $0.thread.powerCycles == powerCycles } ?? false }

  /// A power cycle has taken enclave and frames from under the thread: it is outside, as after an AEX whose frame nobody can read.
  func throwOutIfLost(_ cpu: inout LogicalProcessor) {
    guard let entry = cpu.entry, entry.thread.powerCycles != powerCycles else { return }
    for register in GeneralRegister.allCases { cpu.registers[register] = 0 }
    cpu.registers[.rax] = UInt64(LeafName.ERESUME.number)
    cpu.registers[.rbx] = entry.tcs.rawValue
    cpu.registers[.rcx] = entry.aep.rawValue
    cpu.registers.rip = entry.aep.rawValue
    restoreOutside(entry, &cpu)
    cpu.extended = .afterExit(by: .interrupt)
    cpu.entry = nil
    cpu.translations.removeAll()
  }
}

extension ExtendedState {
  /// The state that an AEX leaves behind; #MF and #XM keep what their handlers look for.
  fileprivate static func afterExit(by event: AsynchronousEvent) -> ExtendedState {
    var state = ExtendedState()
    state.mxcsr = 0x1fb0
    guard case .exception(let exception) = event else { return state }
    if exception.vector == 16 { (state.fcw, state.fsw) = (0x37e, 0x8081) }
    if exception.vector == 19 { state.mxcsr = 0x1f01 }
    return state
  }
}
