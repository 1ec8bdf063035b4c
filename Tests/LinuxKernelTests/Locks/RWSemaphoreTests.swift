import Simulation
import Testing

@testable import LinuxKernel

/// A reader-writer semaphore against its rules, said in a few lines.
@Suite("Reader-writer semaphore") struct RWSemaphoreTests {
  private static let lock = LockName(.mmap, 2)

  /// The kernel's rules: a newcomer waits behind whoever waits; a writer is handed it alone, and a reader with all that wait to read.
  private struct Model {
    var writer: TaskID?
    var readers: [TaskID] = []
    var line: [(task: TaskID, writes: Bool)] = []

    func holds(_ task: TaskID) -> Bool { writer == task || readers.contains(task) }

    mutating func ask(_ task: TaskID, writes: Bool) -> Bool {
      if line.isEmpty, writer == nil, !writes || readers.isEmpty {
        if writes { writer = task } else { readers.append(task) }
        return true
      }
      line.append((task, writes))
      return false
    }

    /// Returns those that have it now.
    mutating func give(_ task: TaskID) -> [TaskID] {
      if writer == task { writer = nil } else { readers.removeAll { $0 == task } }
      return handOn()
    }

    mutating func handOn() -> [TaskID] {
      guard writer == nil, let first = line.first else { return [] }
      if first.writes {
        guard readers.isEmpty else { return [] }
        line.removeFirst()
        writer = first.task
        return [first.task]
      }
      let woken = line.filter { !$0.writes }.map(\.task)
      line.removeAll { !$0.writes }
      readers += woken
      return woken
    }

    mutating func leave(_ task: TaskID) -> [TaskID] {
      line.removeAll { $0.task == task }
      return handOn()
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>) func itIsFair(_ seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: .script)
    var tasks = TaskTable()
    let all = (0..<6).map { TaskID(place: $0, generation: 1) }
    var semaphore = RWSemaphore()
    var model = Model()
    for _ in 0..<600 {
      let task = all[Int(random.next(below: 6))]
      tasks.run(as: task)
      var woken: [TaskID] = []
      if model.holds(task) {
        if model.writer == task { semaphore.unlockForWriting(Self.lock, &tasks) } else { semaphore.unlockForReading(Self.lock, &tasks) }
        woken = model.give(task)
      } else if model.line.contains(where: { $0.task == task }) {
        if random.next(below: 4) == 0 {
          semaphore.giveUp(Self.lock, &tasks)
          woken = model.leave(task)
        } else {
          #expect(!ask(&semaphore, &tasks, writes: model.line.first { $0.task == task }!.writes), "it waits on")
        }
      } else {
        let writes = random.next(below: 3) == 0
        let isTaken = ask(&semaphore, &tasks, writes: writes)
        #expect(isTaken == model.ask(task, writes: writes))
      }
      for task in woken {
        tasks.run(as: task)
        #expect(ask(&semaphore, &tasks, writes: model.writer == task))
      }
      #expect(semaphore.writer == model.writer )
      #expect(Int(semaphore.readers) == model.readers.count)
      for task in all {
        #expect(tasks.heldLocks(of: task) == (model.holds(task) ? [Self.lock] : []))
        #expect((tasks.wait(of: task) != nil) == model.line.contains { $0.task == task })
      }
    }
    #expect(tasks.faults.isEmpty)
  }

  private func ask(_ semaphore: inout RWSemaphore, _ tasks: inout TaskTable, writes: Bool) -> Bool {
    writes ? semaphore.lockForWriting(Self.lock, isKillable: true, &tasks) : semaphore.lockForReading(Self.lock, &tasks)
  }

  @Test func aReaderQueuesBehindAWriterThatWaits() {
    var tasks = TaskTable()
    let (reader, writer, late) = (TaskID(place: 0, generation: 1), TaskID(place: 1, generation: 2), TaskID(place: 2, generation: 3))
    var semaphore = RWSemaphore()
    tasks.run(as: reader)
    #expect(semaphore.lockForReading(Self.lock, &tasks))
    tasks.run(as: writer)
    #expect(!semaphore.lockForWriting(Self.lock, &tasks))
    tasks.run(as: late)
    #expect(!semaphore.lockForReading(Self.lock, &tasks), "although only a reader holds it")
    tasks.run(as: reader)
    semaphore.unlockForReading(Self.lock, &tasks)
    #expect(semaphore.writer == writer)
  }
}
