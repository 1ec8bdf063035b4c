import SGXDriver
import Simulation

extension MachineStory {
  /// Calls in order of their beginning, those alike as one unless a mark lies between them.
  static func calls(of machine: Machine, apart marks: [Mark]) -> [Call] {
    let records = (machine.calls ?? []).enumerated().sorted { ($0.element.events.lowerBound, $0.offset) < ($1.element.events.lowerBound, $1.offset) }
    var calls: [Call] = []
    var nextMark = marks[...]
    for (_, record) in records {
      let call = Call(record)
      // Marks inside a call separate it from both neighbours, so that a reader sees where they struck.
      nextMark = nextMark.drop { mark in calls.last.map { mark.event < $0.begin } ?? true }
      let isApart = nextMark.first.map { $0.event < call.end } ?? false
      if !isApart, let last = calls.last, last.isAlike(call), last.end <= call.begin {
        calls[calls.count - 1].end = call.end
        calls[calls.count - 1].count += 1
      } else {
        calls.append(call)
      }
    }
    return calls
  }

  /// Enclaves that exist, in order of their numbers.
  static func enclaves(of driver: Driver) -> [EnclaveFacts] {
    driver.enclaves.enumerated().compactMap { number, enclave in
      enclave.map {
        EnclaveFacts(
          id: UInt32(number), state: $0.state.rawValue, slots: $0.slots.count, evicted: $0.slots.evictedCount,
          versionArrays: UInt64($0.versionArrays.count), hasSECS: $0.secsPage != nil)
      }
    }
  }
}

extension MachineStory.Call {
  init(_ record: CallRecord) {
    let operation = record.operation
    process = UInt32(operation.process.rawValue)
    name = operation.name.text
    var details: [String] = []
    if let descriptor = operation.subject { details.append("fd \(descriptor.rawValue)") }
    if let count = operation.count { details.append("count 0x\(String(count, radix: 16))") }
    if let sleeps = operation.sleeps, sleeps > 0 { details.append("slept \(sleeps) times") }
    detail = details.joined(separator: ", ")
    answer = record.answer
    kind =
      switch record.outcome {
      case .success?: .done
      case .failure?, .leafResult?, .uninitialised?: .refused
      case .killed?: .killed
      case .stopped?: .stopped
      case .restart?, nil: .restarted
      }
    begin = record.events.lowerBound
    end = record.events.upperBound
    count = 1
  }

  func isAlike(_ other: Self) -> Bool {
    process == other.process && name == other.name && detail == other.detail && answer == other.answer && kind == other.kind
  }
}
