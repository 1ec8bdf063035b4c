/// In which order classes of locks are taken (kernel/locking/lockdep.c), and what is wrong with it although no run hung.
///
/// It belongs to no machine's logical state: it is what the bench has seen so far.
@frozen public struct LockOrder: Sendable {
  /// For each class, those that were held when it was taken, or may be by the rules.
  @usableFromInline var outer = InlineArray<16, UInt16>(repeating: 0)
  /// For each class, those that must not be held when it is taken or waited for.
  private var forbidden = InlineArray<16, UInt16>(repeating: 0)
  private var forbiddenWaits = InlineArray<16, UInt16>(repeating: 0)
  /// What was wrong, in order of discovery; each thing once.
  public private(set) var faults: [LockFault] = []

  /// A rule on what is not held while something is taken, or waited for.
  public enum Rule: Hashable, Sendable {
    /// Locks in the order from outside to inside, as the kernel's sources have it.
    case chain([LockName.Class])
    case never(holding: LockName.Class, taking: LockName.Class)
    case neverWait(holding: LockName.Class, forReadersOf: LockName.Class)
  }

  public init(_ rules: [Rule] = []) {
    for rule in rules {
      switch rule {
      case .chain(let chain):
        for (place, inner) in chain.enumerated() {
          for outer in chain[..<place] { self.outer[Int(inner.rawValue)] |= outer.bit }
        }
      case .never(let held, let inner): forbidden[Int(inner.rawValue)] |= held.bit
      case .neverWait(let held, let readers): forbiddenWaits[Int(readers.rawValue)] |= held.bit
      }
    }
  }

  /// A lock of a class was taken, or is waited for, with locks of other classes held.
  ///
  /// - Parameter isNested: another of the same class is held, and that is meant.
  @inlinable public mutating func noteTaken(_ inner: LockName.Class, holding classes: UInt16, isNested: Bool) {
    guard classes & ~outer[Int(inner.rawValue)] != 0 else { return }
    look(inner, classes & ~outer[Int(inner.rawValue)], isNested: isNested)
  }

  @usableFromInline mutating func look(_ inner: LockName.Class, _ classes: UInt16, isNested: Bool) {
    for held in LockName.Class.allCases where classes & held.bit != 0 {
      if held == inner, isNested { continue }
      if held == inner {
        note(.twice(inner))
      } else if forbidden[Int(inner.rawValue)] & held.bit != 0 {
        note(.forbidden(holding: held, taking: inner))
      } else if leads(from: inner, to: held) {
        note(.inversion(holding: held, taking: inner))
      } else {
        outer[Int(inner.rawValue)] |= held.bit
      }
    }
  }

  /// Whether a lock of the second class was ever taken, by some detour, with one of the first held.
  private func leads(from first: LockName.Class, to second: LockName.Class) -> Bool {
    var reached: UInt16 = 0
    var next = outer[Int(second.rawValue)]
    while next & ~reached != 0 {
      reached |= next
      for number in 0..<16 where next >> UInt16(number) & 1 == 1 { next |= outer[number] }
    }
    return reached & first.bit != 0
  }

  /// Readers of a class are waited for.
  mutating func noteWait(for readers: LockName.Class, holding classes: UInt16) {
    let wrong = forbiddenWaits[Int(readers.rawValue)] & classes
    for held in LockName.Class.allCases where wrong & held.bit != 0 { note(.forbiddenWait(holding: held, forReadersOf: readers)) }
  }

  /// A lock is given back that is not held.
  @usableFromInline mutating func noteNotHeld(_ lock: LockName.Class) { note(.notHeld(lock)) }

  private mutating func note(_ fault: LockFault) { if !faults.contains(fault) { faults.append(fault) } }
}

/// Something that is wrong with how locks are taken.
public enum LockFault: Hashable, Sendable {
  /// The other way round was seen before, or is the rule: two threads can come to wait for each other.
  case inversion(holding: LockName.Class, taking: LockName.Class)
  case forbidden(holding: LockName.Class, taking: LockName.Class)
  case forbiddenWait(holding: LockName.Class, forReadersOf: LockName.Class)
  /// Two of one class, and nothing says which is the outer one.
  case twice(LockName.Class)
  case notHeld(LockName.Class)

  public var text: String {
    switch self {
    case .inversion(let outer, let inner): "\(inner.text) was taken with \(outer.text) held, and the other way round is the order"
    case .forbidden(let outer, let inner): "\(outer.text) was held where \(inner.text) begins"
    case .forbiddenWait(let outer, let readers): "\(outer.text) was held while readers of \(readers.text) were waited for"
    case .twice(let lock): "\(lock.text) was taken with another of its class held"
    case .notHeld(let lock): "\(lock.text) was given back by a task that did not hold it"
    }
  }
}
