import SGXArchitecture
import Simulation

/// A leaf of ENCLU with its operands. Linear addresses are resolved by the page tables of the thread that executes it.
public protocol ThreadLeaf: Sendable {
  /// The conditions the leaf tests, in the order in which it tests them; the raw value is the row's number.
  associatedtype Check: LeafCheck
  static var name: LeafName { get }
  static func exists(on profile: ProcessorProfile) -> Bool
  /// RBX, RCX and RDX; nil where the leaf does not look at the register.
  var operands: (rbx: UInt64?, rcx: UInt64?, rdx: UInt64?) { get }
  /// The address whose page the trace names; nil for the TCS.
  var subject: LinearAddress? { get }
  /// Runs the leaf to its end or changes nothing.
  func perform<Tables: AddressTranslation>(
    on processor: inout Processor, by cpu: inout LogicalProcessor, through tables: Tables
  ) -> LeafOutcome
}

extension ThreadLeaf {
  public static func exists(on profile: ProcessorProfile) -> Bool { true }
  public var subject: LinearAddress? { nil }

  /// Leaves 2 and 3 enter; the others, but for EVERIFYREPORT2, are for threads that are inside.
  static var enters: Bool { name == .EENTER || name == .ERESUME }
}

extension Processor {
  /// Bytes of the instruction ENCLU, by which RIP moves on.
  static let instructionSize: UInt64 = 3

  /// Runs a leaf of ENCLU on a logical processor.
  ///
  /// A fault changes nothing: whoever runs the thread then has it leave the enclave by `asynchronousExit`, if it is inside, and handles
  /// the exception. After a code RAX holds it, and ZF is set.
  public mutating func execute<L: ThreadLeaf, Tables: AddressTranslation>(
    _ leaf: L, by cpu: inout LogicalProcessor, through tables: Tables, in environment: inout Environment
  ) -> LeafOutcome {
    throwOutIfLost(&cpu)
    loadOperands(of: leaf, into: &cpu)
    let page = subject(of: leaf, by: cpu, through: tables)
    if let injection = environment.visit(.leaf(L.name)), let struck = strike(injection, subject: page, in: &environment) {
      trace(L.name, page, struck, in: &environment)
      return struck
    }
    throwOutIfLost(&cpu)
    let outcome = commonRefusal(of: L.self, by: cpu) ?? leaf.perform(on: &self, by: &cpu, through: tables)
    if L.name != .EEXIT { finish(L.self, outcome, by: &cpu) }
    trace(L.name, page, outcome, in: &environment)
    return outcome
  }

  private func loadOperands<L: ThreadLeaf>(of leaf: L, into cpu: inout LogicalProcessor) {
    cpu.registers[.rax] = UInt64(L.name.number)
    if let rbx = leaf.operands.rbx { cpu.registers[.rbx] = rbx }
    if let rcx = leaf.operands.rcx { cpu.registers[.rcx] = rcx }
    if let rdx = leaf.operands.rdx { cpu.registers[.rdx] = rdx }
  }

  private func subject<L: ThreadLeaf>(
    of leaf: L, by cpu: borrowing LogicalProcessor, through tables: some AddressTranslation
  ) -> PhysPageNumber? {
    guard let address = leaf.subject else { return cpu.entry?.tcsPage }
    if case .epc(let page, _) = tables.translation(of: address) { return page }
    return nil
  }

  /// What ENCLU tests before it runs a leaf (SDM 3D, ENCLU, Operation), in that order.
  private func commonRefusal<L: ThreadLeaf>(of leaf: L.Type, by cpu: borrowing LogicalProcessor) -> LeafOutcome? {
    if cpu.control.taskSwitched { return .fault(.deviceNotAvailable, row: CommonRow.taskSwitched) }
    guard L.exists(on: profile) else { return .fault(.generalProtection, row: CommonRow.noSuchLeaf) }
    guard cpu.control.numericErrors else { return .fault(.generalProtection, row: CommonRow.floatingPointErrors) }
    if L.enters { return cpu.isInEnclave ? .fault(.generalProtection, row: CommonRow.insideEnclave) : nil }
    return cpu.isInEnclave || L.name == .EVERIFYREPORT2 ? nil : .fault(.generalProtection, row: CommonRow.outsideEnclave)
  }

  /// RIP moves on, and RAX and RFLAGS tell how a leaf with a code ended. Entering leaves have set RIP themselves.
  private func finish<L: ThreadLeaf>(_ leaf: L.Type, _ outcome: LeafOutcome, by cpu: inout LogicalProcessor) {
    switch outcome {
    case .fault:
      return
    case .code(let code, _):
      cpu.registers[.rax] = UInt64(code.rawValue)
      cpu.registers.rflags = cpu.registers.rflags & ~RFlags.status | RFlags.zero
    case .done:
      if L.enters { return }
      switch L.name {
      case .EACCEPT, .EACCEPTCOPY, .EGETKEY, .EVERIFYREPORT2:
        cpu.registers[.rax] = 0
        cpu.registers.rflags &= ~RFlags.status
      default:
        break
      }
    }
    cpu.registers.rip &+= Self.instructionSize
  }
}
