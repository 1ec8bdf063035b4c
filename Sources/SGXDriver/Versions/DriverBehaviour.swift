/// A row of the table of driver versions: a fact that the model's code asks for, and its switch.
///
/// `Docs/DriverVersions.md` says how to add one.
public struct DriverBehaviour: Sendable {
  public let fact: DriverFact
  /// The property of `DriverVersion` that code reads; its name is the fact's.
  public let path: WritableKeyPath<DriverVersion, Bool> & Sendable

  init(
    _ path: WritableKeyPath<DriverVersion, Bool> & Sendable, _ name: String, _ sentence: String, source: String, bug: String? = nil,
    v39 inV39: DriverFact.InV39 = .doesNot, since: KernelChange? = nil, until: KernelChange? = nil, reviewed inReviewed: Bool? = nil
  ) {
    self.path = path
    fact = DriverFact(name, sentence, source: source, bug: bug, v39: inV39, since: since, until: until, reviewed: inReviewed)
  }

  /// Every row, in the order of the table and of the properties.
  public static let all: [DriverBehaviour] = loading + initialising + paging

  /// The row spelled so.
  public static func named(_ name: String) -> DriverBehaviour? { all.first { $0.name == name } }

  public var name: String { fact.name }
  public var sentence: String { fact.sentence }
  public var source: String { fact.source }
  public var bug: String? { fact.bug }

  /// Whether the release does it.
  public func value(in release: DriverRelease) -> Bool { fact.value(in: release) }

  /// False where the sources do not say what the release does.
  public func isKnown(in release: DriverRelease) -> Bool { fact.isKnown(in: release) }
}
