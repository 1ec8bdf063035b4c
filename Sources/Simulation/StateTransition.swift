/// A row of a state machine: what an event does in a state.
public struct StateTransition<State: Hashable & Sendable, Event: Hashable & Sendable>: Hashable, Sendable {
  public let state: State
  public let event: Event
  public let outcome: TransitionOutcome<State>

  public init(_ state: State, _ event: Event, _ outcome: TransitionOutcome<State>) {
    self.state = state
    self.event = event
    self.outcome = outcome
  }
}

/// The three things that can become of an event, and no fourth.
public enum TransitionOutcome<State: Hashable & Sendable>: Hashable, Sendable {
  /// It happens; the state afterwards, which may be the same.
  case becomes(State)
  /// The caller is told so, and nothing changes.
  case refused(String)
  /// It cannot come: it breaks this law, and the state stays as it is.
  case breaks(BenchLaw)
}
