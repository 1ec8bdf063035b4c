import SGXDriver
import Simulation

extension MachineStory {
  /// Events that stand out.
  ///
  /// - Parameter first: number of the first of `events`.
  static func marks(of events: [Event], from first: UInt64) -> [Mark] {
    var marks: [Mark] = []
    for (index, event) in events.enumerated() {
      guard let kind = event.markKind else { continue }
      let text = event.text
      if let last = marks.last, last.kind == kind, last.text == text {
        marks[marks.count - 1].count += 1
      } else {
        marks.append(Mark(event: first + UInt64(index), kind: kind, text: text, count: 1))
      }
    }
    return marks
  }

  /// Pages in use over time. The end is known and the beginning may not be, so it is counted backwards.
  static func occupancy(of events: [Event], from first: UInt64, pool: PhysPagePool) -> [Occupancy] {
    var leaked = pool.leakedCount
    var used = UInt64(pool.total) - pool.freeCount - leaked
    var points = [Occupancy(event: first + UInt64(events.count), used: used, leaked: leaked)]
    for (index, event) in events.enumerated().reversed() {
      if case .pageAllocated = event {
        used -= 1
      } else if case .pageFreed = event {
        used += 1
      } else if case .pageLeaked = event {
        used += 1
        leaked -= 1
      } else {
        continue
      }
      // What was so until this event came.
      points.append(Occupancy(event: first + UInt64(index), used: used, leaked: leaked))
    }
    points.reverse()
    return thinned(points)
  }

  /// Of each stretch of time the highest point and the last.
  private static func thinned(_ points: [Occupancy]) -> [Occupancy] {
    guard points.count > pointsMax else { return points }
    let stretch = (points.count + pointsMax / 2 - 1) / (pointsMax / 2)
    var kept: [Occupancy] = []
    for start in stride(from: 0, to: points.count, by: stretch) {
      let part = points[start..<min(start + stretch, points.count)]
      let highest = part.indices.max { (part[$0].used + part[$0].leaked, $1) < (part[$1].used + part[$1].leaked, $0) }!
      if highest != part.endIndex - 1 { kept.append(part[highest]) }
      kept.append(part[part.endIndex - 1])
    }
    return kept
  }
}

extension Event {
  /// What kind of a mark this is; nil for what a run is made of.
  var markKind: MachineStory.MarkKind? {
    switch self {
    case .injected: .fault
    case .powerCycled: .power
    case .leaf(_, _, let result): result == .done ? nil : .leaf
    case .poolEmpty, .copyFailed: .memory
    case .pageLeaked: .leak
    case .warned: .warning
    case .signalPending, .signalDelivered: .signal
    case .restarted: .restart
    case .extended, .thrownOut, .operationBegan, .operationEnded, .slotFilled, .slotReleased, .slotEvicted, .slotLoaded, .secsEvicted, .secsLoaded,
      .threadsInterrupted, .pageAllocated, .pageFreed, .memoryWritten, .slept:
      nil
    }
  }
}
