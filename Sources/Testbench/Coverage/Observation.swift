import LinuxKernel
import SGXDriver
import SGXProcessor
import Simulation

/// What user space was told and the kernel's log was given, over the machines of a test.
public struct Observation: Sendable {
  /// Each answer once, in order of call and errno.
  public private(set) var answers: [SeenAnswer] = []
  /// Each warning once, in order of site and cause.
  public private(set) var warnings: [SeenWarning] = []

  public init() {}

  public init(of machine: Machine) {
    for call in machine.calls ?? [] {
      answers.append(SeenAnswer(call: call.operation.name, answer: call.answer))
    }
    let cause = SeenWarning.Cause(of: machine)
    for warning in machine.driver.log.warnings { warnings.append(SeenWarning(site: warning.site, cause: cause)) }
    removeDuplicates()
  }

  /// What was seen in several runs.
  public static func merged(_ parts: [Observation]) -> Observation {
    var whole = Observation()
    for part in parts {
      whole.answers += part.answers
      whole.warnings += part.warnings
    }
    whole.removeDuplicates()
    return whole
  }

  private mutating func removeDuplicates() {
    answers = Set(answers).sorted()
    warnings = Set(warnings).sorted()
  }
}

/// What a call told its caller.
public struct SeenAnswer: Hashable, Comparable, Sendable {
  public let call: OperationName
  /// `0`, an errno's name, `restart` where the call was made again, `killed`, or what v39 returned by mistake.
  public let answer: String

  public init(call: OperationName, answer: String) {
    self.call = call
    self.answer = answer
  }

  public static func < (a: Self, b: Self) -> Bool { (a.call.text, a.answer) < (b.call.text, b.answer) }
}

/// A warning, and what it took to cause it.
public struct SeenWarning: Hashable, Comparable, Sendable {
  public let site: WarningSite
  public let cause: Cause

  public init(site: WarningSite, cause: Cause) {
    self.site = site
    self.cause = cause
  }

  public enum Cause: UInt8, CaseIterable, Sendable {
    /// Nothing was done to the machine but what user space can do.
    case userInput
    /// The EPC was lost.
    case powerCycle
    /// A leaf was made to answer what the processor would not have answered.
    case forgedLeaf

    init(of machine: Machine) {
      self = machine.environment.plan.hasForgedLeafAnswers ? .forgedLeaf : machine.processor.powerCycles > 0 ? .powerCycle : .userInput
    }
  }

  public static func < (a: Self, b: Self) -> Bool { (a.site.rawValue, a.cause.rawValue) < (b.site.rawValue, b.cause.rawValue) }
}

extension CallRecord {
  /// As the caller saw it.
  public var answer: String {
    switch outcome {
    case .success?: "0"
    case .failure(let errno)?: errno.name
    case .leafResult?: "a leaf's answer"
    case .uninitialised?: "uninitialised"
    case .killed?: "killed"
    case .stopped?: "stopped"
    case .restart?, nil: "restart"
    }
  }
}
