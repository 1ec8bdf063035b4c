/// What a machine did, as plain values of bounded size: what reports draw. Time is the number of an event; nothing comes from a clock.
///
/// - MachineStory+Calls.swift, MachineStory+Marks.swift, MachineStory+Occupancy.swift: how it is read off the trace
/// - PageMap.swift: who had which page of EPC at one moment
public struct MachineStory: Codable, Sendable, Equatable {
  /// Name of the driver version.
  public var driver: String
  /// Pages of EPC that the driver uses.
  public var pages: UInt32
  /// Events of its life.
  public var events: UInt64
  /// Number of the first event that was still known in the end.
  public var firstEvent: UInt64
  /// Calls in order of their beginning.
  public var calls: [Call]
  /// Those that are told of nowhere, since there were too many: from the middle of the run.
  public var callsLeftOut: UInt64
  /// What was done to it and what it complained of, in order.
  public var marks: [Mark]
  public var marksLeftOut: UInt64
  /// Pages in use after each event that changed it; where there were many, the highest and the last of each stretch.
  public var occupancy: [Occupancy]
  /// The kernel's log.
  public var log: [LogLine]
  public var enclaves: [EnclaveFacts]
  /// Who had which page.
  public var map: PageMap

  /// Calls of one process that did the same one after another with the same answer, as long as nothing happened between.
  public struct Call: Codable, Sendable, Equatable {
    public var process: UInt32
    public var name: String
    /// What it is about: `fd 3`, `count 0x3000`.
    public var detail: String
    /// `0`, an errno's name, `restart`.
    public var answer: String
    public var kind: Kind
    /// Events, the first and the one behind the last.
    public var begin: UInt64
    public var end: UInt64
    public var count: UInt64
  }

  /// How a call ended.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    case done, refused, restarted, killed, stopped
  }

  /// Something that stands out, one after another alike as one.
  public struct Mark: Codable, Sendable, Equatable {
    public var event: UInt64
    public var kind: MarkKind
    public var text: String
    public var count: UInt64
  }

  public enum MarkKind: String, Codable, Sendable, CaseIterable {
    /// A planned fault struck.
    case fault
    /// The EPC was lost.
    case power
    /// A leaf did not do what it was asked.
    case leaf
    /// Memory, or a page of EPC, was not to be had, or a copy failed.
    case memory
    /// A page was lost for ever.
    case leak
    /// The kernel warned.
    case warning
    case signal
    /// A call was made again.
    case restart
  }

  /// EPC after an event, in pages.
  public struct Occupancy: Codable, Sendable, Equatable {
    public var event: UInt64
    /// Pages that are neither free nor leaked.
    public var used: UInt64
    public var leaked: UInt64
  }

  /// A line of the kernel's log.
  public struct LogLine: Codable, Sendable, Equatable {
    /// Visits of fault sites before it.
    public var tick: UInt64
    public var text: String
    /// How often its place would have warned, if it did so more than once a boot.
    public var occurrences: UInt64
  }

  /// What the driver keeps of an enclave.
  public struct EnclaveFacts: Codable, Sendable, Equatable {
    public var id: UInt32
    public var state: String
    /// Pages that exist for user space, the evicted ones included.
    public var slots: UInt64
    public var evicted: UInt64
    public var versionArrays: UInt64
    public var hasSECS: Bool
  }

  /// At most this many calls, and as many marks.
  public static let entriesMax = 500
  /// At most this many points of occupancy.
  public static let pointsMax = 512
  /// Events and calls that a machine keeps at most while its story is wanted.
  public static let recordsMax = 1 << 20

  /// Few enough entries to be told although nothing failed.
  public var isShort: Bool { calls.count + marks.count <= 60 }
}

extension MachineStory {
  /// - Parameters:
  ///   - machine: as it was in the end.
  ///   - moment: as it was when the map is of interest; the end, unless given.
  ///   - place: what happened then, as `a.lua:4`.
  public init(of machine: Machine, at moment: Machine? = nil, place: String? = nil) {
    let trace = machine.environment.trace
    let kept = trace.events
    driver = machine.driver.version.spelling
    pages = machine.driver.pool.total
    events = trace.count
    firstEvent = trace.count - UInt64(kept.count)
    let marks = Self.marks(of: kept, from: firstEvent)
    let calls = Self.calls(of: machine, apart: marks)
    self.marks = Self.bounded(marks)
    marksLeftOut = UInt64(marks.count - self.marks.count)
    self.calls = Self.bounded(calls)
    callsLeftOut = machine.callsForgotten + calls.reduce(0) { $0 + $1.count } - self.calls.reduce(0) { $0 + $1.count }
    occupancy = Self.occupancy(of: kept, from: firstEvent, pool: machine.driver.pool)
    let moment = moment ?? machine
    log = Self.log(of: machine)
    enclaves = Self.enclaves(of: moment.driver)
    map = PageMap(of: moment, place: place)
  }

  /// The first fifth and the last four.
  static func bounded<Entry>(_ entries: [Entry]) -> [Entry] {
    guard entries.count > entriesMax else { return entries }
    return Array(entries.prefix(entriesMax / 5) + entries.suffix(entriesMax - entriesMax / 5))
  }

  private static func log(of machine: Machine) -> [LogLine] {
    let log = machine.driver.log
    return log.warnings.map { LogLine(tick: $0.tick.rawValue, text: $0.text, occurrences: log.occurrences[Int($0.site.rawValue)]) }
  }
}
