import SGXArchitecture

/// Writing a thread into its frame, and reading it back.
extension Processor {
  /// What AEX stores: XSAVE area, MISC, GPRSGX; URSP, URBP and the AEXNOTIFY byte stay as they are (SDM 3D, "AEX Operational Detail").
  mutating func save(_ cpu: borrowing LogicalProcessor, _ event: AsynchronousEvent, in area: SaveArea) {
    let image = cpu.extended.saved(for: area.frame.xfrm)
    for (number, page) in area.xsavePages.enumerated() {
      let part = image.dropFirst(number * Int(pageSize)).prefix(Int(pageSize))
      epc[page].withMutableBytes { bytes in
        bytes.copyBytes(from: part)
        if page == area.gprPage { Self.store(cpu, event, area.frame.miscSelect, in: bytes) }
      }
    }
    if !area.xsavePages.contains(area.gprPage) {
      epc[area.gprPage].withMutableBytes { Self.store(cpu, event, area.frame.miscSelect, in: $0) }
    }
    if let place = area.shadowStack {
      epc[place.page].withMutableBytes {
        $0.store(cpu.registers.ssp, at: place.offset)
        $0.store(UInt64(0), at: place.offset + 8)
      }
    }
  }

  private static func store(
    _ cpu: borrowing LogicalProcessor, _ event: AsynchronousEvent, _ miscSelect: MiscSelect, in page: UnsafeMutableRawBufferPointer
  ) {
    let gpr = SSAFrame.gprOffset
    for register in GeneralRegister.allCases { page.store(cpu.registers[register], at: gpr + register.rawValue * 8) }
    page.store(cpu.registers.rflags & ~RFlags.trap, at: gpr + GPRField.rflags.offset)
    page.store(cpu.registers.rip, at: gpr + GPRField.rip.offset)
    page.store(cpu.registers.fsBase, at: gpr + GPRField.fsBase.offset)
    page.store(cpu.registers.gsBase, at: gpr + GPRField.gsBase.offset)
    page.store(ExitInfo(event, miscSelect: miscSelect).rawValue, at: gpr + GPRField.exitInfo.offset)
    guard case .exception(let exception) = event else { return }
    if miscSelect.contains(.exInfo), exception.vector == 13 || exception.vector == 14 {
      page.store(exception.address.rawValue, at: SSAFrame.exInfoOffset + EXInfoField.maddr.offset)
      page.store(exception.errorCode, at: SSAFrame.exInfoOffset + EXInfoField.errorCode.offset)
      page.store(UInt32(0), at: SSAFrame.exInfoOffset + EXInfoField.errorCode.range.upperBound)
    }
    if miscSelect.contains(.cpInfo), exception.vector == 21 {
      page.store(UInt64(exception.errorCode), at: SSAFrame.cpInfoOffset)
      page.store(UInt64(0), at: SSAFrame.cpInfoOffset + 8)
    }
  }

  /// The general registers of a frame, and RIP, RFLAGS, FS and GS as ERESUME takes them over.
  func savedRegisters(in area: SaveArea, current: ThreadRegisters, isOptIn: Bool) -> ThreadRegisters {
    let page = epc[area.gprPage]
    func field(_ field: GPRField) -> UInt64 { page.load(at: SSAFrame.gprOffset + field.offset) }
    var registers = current
    for register in GeneralRegister.allCases { registers[register] = page.load(at: SSAFrame.gprOffset + register.rawValue * 8) }
    registers.rip = field(.rip)
    var taken = RFlags.resumable
    if current.rflags & RFlags.ioPrivilege == RFlags.ioPrivilege { taken |= RFlags.interrupts }
    registers.rflags = current.rflags & ~taken | field(.rflags) & taken
    if !isOptIn { registers.rflags &= ~RFlags.trap }
    registers.fsBase = field(.fsBase)
    registers.gsBase = field(.gsBase)
    return registers
  }

  /// The XSAVE area of a frame; nil where XRSTOR would refuse it: components beyond XFRM, a header that is not clean, a bad MXCSR.
  func savedExtended(in area: SaveArea) -> ExtendedState? {
    var image: [UInt8] = []
    for page in area.xsavePages { image += epc[page].bytes() }
    return ExtendedState(saved: Array(image.prefix(area.frame.xfrm.saveAreaSize)), xfrm: area.frame.xfrm)
  }

  /// The byte by which an enclave asks to be told of exceptions in this frame.
  func wantsNotice(in area: SaveArea) -> Bool {
    epc[area.gprPage].load(UInt8.self, at: SSAFrame.gprOffset + GPRField.aexNotify.offset) & 1 == 1
  }

  /// URSP and URBP, which entries write.
  mutating func storeOutsideStack(_ registers: ThreadRegisters, in area: SaveArea) {
    epc[area.gprPage].withMutableBytes { page in
      page.store(registers[.rsp], at: SSAFrame.gprOffset + GPRField.ursp.offset)
      page.store(registers[.rbp], at: SSAFrame.gprOffset + GPRField.urbp.offset)
    }
  }
}

extension ExtendedState {
  /// The XSAVE area in the standard format.
  func saved(for xfrm: XFRM) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: xfrm.saveAreaSize)
    bytes.replaceSubrange(0..<min(image.count, bytes.count), with: image.prefix(bytes.count))
    bytes.store(fcw, field: XSaveField.fcw)
    bytes.store(fsw, field: XSaveField.fsw)
    bytes.store(mxcsr, field: XSaveField.mxcsr)
    bytes.store(UInt32(0xffff), field: XSaveField.mxcsrMask)
    bytes.store(inUse & xfrm.rawValue, field: XSaveField.xstateBV)
    bytes[field: XSaveField.xcompBV] = [UInt8](repeating: 0, count: XSaveField.xcompBV.size)
    return bytes
  }

  /// What XRSTOR loads; nil where it would raise #GP.
  init?(saved bytes: [UInt8], xfrm: XFRM) {
    self.init()
    inUse = bytes.load(field: XSaveField.xstateBV)
    guard inUse & ~xfrm.rawValue == 0, bytes[XSaveField.xcompBV.range].allSatisfy({ $0 == 0 }) else { return nil }
    mxcsr = bytes.load(field: XSaveField.mxcsr)
    guard mxcsr >> 16 == 0 else { return nil }
    // A component whose bit is clear is loaded with its initial value; FCW and FSW go with x87.
    if inUse & 1 != 0 {
      fcw = bytes.load(field: XSaveField.fcw)
      fsw = bytes.load(field: XSaveField.fsw)
    }
    image = inUse == 0 ? [] : bytes
  }
}
