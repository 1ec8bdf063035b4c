import LinuxKernel
import Simulation

/// Draws who goes on, each candidate equally likely; where there is only one, nothing is drawn.
public struct SeedChooser: Chooser, Hashable, Sendable {
  private var stream: RandomStream

  public init(seed: UInt64) { stream = RandomStream(seed: seed, purpose: .schedule) }

  public mutating func choose(at point: ChoicePoint, on machine: borrowing Machine) -> Choice {
    let count = point.candidates.count
    return .candidate(count == 1 ? 0 : Int(stream.next(below: UInt64(count))))
  }
}

/// Lets the tasks take turns, in the order of their names.
struct TurnChooser: Chooser {
  mutating func choose(at point: ChoicePoint, on machine: borrowing Machine) -> Choice {
    .candidate(point.last.flatMap { last in point.candidates.firstIndex { $0.task > last } } ?? 0)
  }
}
