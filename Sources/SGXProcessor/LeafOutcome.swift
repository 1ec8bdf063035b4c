import SGXArchitecture
import Simulation

/// How a leaf ended.
@frozen public enum LeafOutcome: Hashable, Sendable {
  case done
  /// It ran and said no; RAX holds the code.
  case code(LeafError, row: UInt8)
  /// It did not run.
  case fault(CPUFault, row: UInt8)

  /// Linux's encoding of an ENCLS result (arch/x86/kernel/cpu/sgx/encls.h): 0, the code, or 0x40000000 | vector.
  public var encoded: LeafResult {
    switch self {
    case .done: .done
    case .code(let code, _): LeafResult(encoded: code.rawValue)
    case .fault(let fault, _): LeafResult(vector: fault.vector)
    }
  }

  /// Row of the leaf's table of checks that refused it; 0 for an injected refusal, nil when it was done.
  public var row: UInt8? {
    switch self {
    case .done: nil
    case .code(_, let row), .fault(_, let row): row
    }
  }

  @inlinable public var isDone: Bool {
    if case .done = self { return true }
    return false
  }
}

/// An ENCLS leaf with its operands. The type is the leaf, so the page path calls it without a table.
public protocol Leaf {
  /// The conditions the leaf tests, in the order in which it tests them; the raw value is the row's number.
  associatedtype Check: LeafCheck
  static var name: LeafName { get }
  /// The page it works on, for the trace; nil where the operand is not EPC.
  func subject(in epc: EPC) -> PhysPageNumber?
  /// Runs the leaf to its end or changes nothing.
  func perform(on processor: inout Processor) -> LeafOutcome
}

/// A row of a leaf's table of checks.
public protocol LeafCheck: CaseIterable, RawRepresentable, Sendable where RawValue == UInt8 {
  /// The condition that refuses the leaf, in the manual's terms.
  var condition: String { get }
}
