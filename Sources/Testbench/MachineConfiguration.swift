import SGXArchitecture
import SGXDriver
import SGXProcessor

/// What a machine is made of.
public struct MachineConfiguration: Sendable {
  /// Pages of EPC, 1 to 2^28 (1 TiB).
  public private(set) var pageCount: UInt32
  /// EPC by sections and nodes, in place of one section of `pageCount` pages on node 0; `pageCount` is their sum then.
  public private(set) var sections: [EPCSection]
  /// Nodes of memory, with EPC or without, counted from 0.
  public private(set) var nodeCount = 1
  public var driver: DriverVersion
  public var processor: ProcessorProfile
  public var seed: UInt64
  /// Whether the background reclaimer acts by itself when it is woken.
  public var runsBackgroundReclaimer = true
  /// Keeps every event, not only the last 4,096.
  public var keepsWholeTrace = false
  /// Keeps a record of every call, for the rules of coverage.
  public var keepsCalls = false
  /// Of events and of calls, where all are kept, about the last this many: older ones are given up.
  public var recordsMax = Int.max
  /// Keeps the records of measurements, to compare them with an image's.
  public var keepsMeasurementRecords = false
  /// When the laws are checked.
  public var checks = CheckFrequency.everyOperation
  /// Whether sites consult the plan at all; only the benchmark of the seam itself turns this off.
  public var consultsPlan = true

  /// How often the laws are checked: after each call, or also between the steps of one, which takes long.
  public enum CheckFrequency: String, CaseIterable, Sendable {
    case never, everyOperation = "every-operation", everyStep = "every-step"
  }

  /// Pages of EPC that a machine may have.
  public static let pageCountMax: UInt32 = 1 << 28

  public init(
    pageCount: UInt32 = 4096, driver: DriverVersion = .v6_1_192, processor: ProcessorProfile = .server, seed: UInt64 = 1
  ) {
    self.pageCount = pageCount
    sections = [EPCSection(pageCount: pageCount, node: 0)]
    self.driver = driver
    self.processor = processor
    self.seed = seed
  }

  /// Lays EPC out over nodes.
  ///
  /// - Parameter sections: in the order of CPUID; at least one. `nodes` counts those without EPC too.
  public mutating func setSections(_ sections: [EPCSection], nodes: Int) {
    precondition(!sections.isEmpty, "epc-exists: without EPC there is no driver")
    precondition(sections.allSatisfy { $0.pageCount > 0 && (0..<nodes).contains($0.node) }, "epc-section: on a node, and not empty")
    self.sections = sections
    nodeCount = nodes
    pageCount = sections.reduce(0) { $0 + $1.pageCount }
  }
}
