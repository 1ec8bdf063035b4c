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

/// Rows of refusals that belong to no leaf: what the instruction tests before it looks which leaf it is (SDM 3D, ENCLS, ENCLU and ENCLV,
/// Operation). Above all rows of the leaves.
public enum CommonRow {
  public static let noSuchLeaf: UInt8 = 0xf0
  public static let taskSwitched: UInt8 = 0xf1
  public static let insideEnclave: UInt8 = 0xf2
  public static let outsideEnclave: UInt8 = 0xf3
  public static let floatingPointErrors: UInt8 = 0xf4
}

/// A leaf of ENCLS or ENCLV with its operands. The type is the leaf, so the page path calls it without a table.
public protocol Leaf {
  /// The conditions the leaf tests, in the order in which it tests them; the raw value is the row's number.
  associatedtype Check: LeafCheck
  static var name: LeafName { get }
  /// What CPUID.12H says of it; #GP where the processor has no such leaf.
  static func exists(on profile: ProcessorProfile) -> Bool
  /// The page it works on, for the trace; nil where the operand is not EPC.
  func subject(in epc: EPC) -> PhysPageNumber?
  /// Runs the leaf to its end or changes nothing.
  func perform(on processor: inout Processor) -> LeafOutcome
}

extension Leaf {
  @inlinable public static func exists(on profile: ProcessorProfile) -> Bool { true }
}

/// A leaf that writes something where software reads it: `Processor.executeForOutput` hands that over.
public protocol OutputLeaf: Leaf {
  associatedtype Output
  /// Runs the leaf to its end or changes nothing; there is an output unless it refused.
  func produce(on processor: inout Processor) -> (outcome: LeafOutcome, output: Output?)
}

extension OutputLeaf {
  /// The output goes to a place where nobody looks.
  public func perform(on processor: inout Processor) -> LeafOutcome { produce(on: &processor).outcome }
}

/// A row of a leaf's table of checks.
public protocol LeafCheck: CaseIterable, RawRepresentable, Sendable where RawValue == UInt8 {
  /// The condition that refuses the leaf, in the manual's terms.
  var condition: String { get }
}
