import LinuxKernel
import SGXProcessor
import Simulation

/// Why a straight run came to rest.
public enum RunOutcome: Sendable {
  case struck(Injection)
  case finished
  case waits(LockWait)
  case stopped(Finding)
  /// In the middle, because a law of the bench does not hold.
  case broken
}

extension Operation {
  /// Goes on to the end of the next step.
  public mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    World.with(&driver, &processor, &environment) { world in
      var visitor = StepVisitor(world: world, isAlone: isAlone)
      return change(&visitor)
    }
  }

  /// Goes on until the call has finished, stopped, or something strikes between two steps; nobody else can run meanwhile.
  ///
  /// - Parameter most: steps that it may come to. More are a broken law.
  public mutating func run(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, steps: inout UInt64,
    most: UInt64
  ) -> RunOutcome {
    World.with(&driver, &processor, &environment) { world in
      var visitor = RunVisitor(world: world, most: most > steps ? most - steps : 0)
      defer { steps += visitor.steps }
      return change(&visitor)
    }
  }
}

/// What a call works on, for a visitor: a struct cannot hold `inout` parameters. Valid inside `with` only, and made nowhere else.
private struct World {
  let driver: UnsafeMutablePointer<Driver>
  let processor: UnsafeMutablePointer<Processor>
  let environment: UnsafeMutablePointer<Environment>

  @inline(__always)
  static func with<Answer>(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, _ body: (World) -> Answer
  ) -> Answer {
    withUnsafeMutablePointer(to: &driver) { driver in
      withUnsafeMutablePointer(to: &processor) { processor in
        withUnsafeMutablePointer(to: &environment) { body(World(driver: driver, processor: processor, environment: $0)) }
      }
    }
  }
}

private struct StepVisitor: CallVisitor {
  let world: World
  let isAlone: Bool

  @inline(__always)
  mutating func visit<Call: DriverCall>(_ call: inout Call) -> StepOutcome {
    call.step(&world.driver.pointee, &world.processor.pointee, &world.environment.pointee, isAlone: isAlone)
  }
}

private struct RunVisitor: CallVisitor {
  let world: World
  let most: UInt64
  var steps: UInt64 = 0

  @inline(__always)
  mutating func visit<Call: DriverCall>(_ call: inout Call) -> RunOutcome {
    while true {
      steps += 1
      switch call.step(&world.driver.pointee, &world.processor.pointee, &world.environment.pointee, isAlone: true) {
      case .more:
        if steps > most { BenchLaw.broken(.stepsBounded) }
        if BenchLaw.hasBroken { return .broken }
        if let injection = world.environment.pointee.visit(.preemption) { return .struck(injection) }
      case .finished: return .finished
      case .waits(let wait):
        steps -= 1
        return .waits(wait)
      case .stopped(let finding): return .stopped(finding)
      }
    }
  }
}
