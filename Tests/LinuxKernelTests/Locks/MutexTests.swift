import Simulation
import Testing

@testable import LinuxKernel

/// A mutex against the plainest model of one: a holder and a line.
@Suite("Mutex") struct MutexTests {
  static let lock = LockName(.enclave, 3)

  private struct Model {
    var holder: TaskID?
    var line: [TaskID] = []
  }

  @Test(arguments: 0..<40 as Range<UInt64>) func itIsAHolderAndALine(_ seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: .script)
    var tasks = TaskTable()
    let all = (0..<5).map { TaskID(place: $0, generation: 1) }
    var mutex = Mutex()
    var model = Model()
    for _ in 0..<500 {
      let task = all[Int(random.next(below: 5))]
      tasks.run(as: task)
      if model.holder == task {
        mutex.unlock(Self.lock, &tasks)
        model.holder = model.line.isEmpty ? nil : model.line.removeFirst()
        // The next has it before it has come to see it, and sees it when it asks again.
        if let next = model.holder {
          #expect(tasks.heldLocks(of: next) == [Self.lock])
          #expect(tasks.wait(of: next) == nil)
          tasks.run(as: next)
          #expect(mutex.lock(Self.lock, &tasks))
        }
      } else {
        let isTaken = mutex.lock(Self.lock, &tasks)
        #expect(isTaken == (model.holder == nil))
        if isTaken { model.holder = task } else if !model.line.contains(task) { model.line.append(task) }
      }
      #expect(mutex.holder == model.holder)
      #expect(mutex.isFree == (model.holder == nil))
      for task in all {
        #expect(tasks.heldLocks(of: task) == (model.holder == task ? [Self.lock] : []))
        #expect(tasks.wait(of: task) == (model.line.contains(task) ? LockWait(Self.lock, .exclusive) : nil))
      }
      #expect(tasks.holders(of: Self.lock) == (model.holder.map { [$0] } ?? []))
    }
    #expect(tasks.faults.isEmpty)
  }

  @Test func whoTakesItTwiceWaitsForItself() {
    var tasks = TaskTable()
    tasks.run(as: TaskID(place: 0, generation: 1))
    var mutex = Mutex()
    #expect(mutex.lock(Self.lock, &tasks))
    #expect(!mutex.lock(Self.lock, &tasks))
    #expect(tasks.wait(of: tasks.current) == LockWait(Self.lock, .exclusive))
    #expect(tasks.holders(of: Self.lock) == [tasks.current])
    #expect(tasks.faults == [.twice(Self.lock.class)])
  }

  @Test func whatIsNotHeldCannotBeGivenBack() {
    var tasks = TaskTable()
    var mutex = Mutex()
    mutex.unlock(Self.lock, &tasks)
    #expect(tasks.faults == [.notHeld(Self.lock.class)])
  }

  @Test func aPlaceIsUsedAgainByAnother() {
    var tasks = TaskTable()
    let (first, second) = (TaskID(place: 4, generation: 1), TaskID(place: 4, generation: 2))
    tasks.run(as: first)
    var mutex = Mutex()
    #expect(mutex.lock(Self.lock, &tasks))
    tasks.run(as: second)
    #expect(tasks.current == second)
    #expect(mutex.holder == first, "it is still held, by one that has gone")
    #expect(tasks.heldLocks(of: second).isEmpty)
    #expect(tasks.heldLocks(of: first).isEmpty)
    #expect(!mutex.lock(Self.lock, &tasks), "the newcomer is not taken for the holder")
  }

  @Test func whatRunsOutsideAllTasksHoldsToo() {
    var tasks = TaskTable()
    var mutex = Mutex()
    #expect(mutex.lock(Self.lock, &tasks))
    #expect(mutex.holder == TaskID.none)
    let task = TaskID(place: 0, generation: 1)
    tasks.run(as: task)
    #expect(!mutex.lock(Self.lock, &tasks))
    tasks.run(as: .none)
    mutex.unlock(Self.lock, &tasks)
    #expect(mutex.holder == task)
    #expect(tasks.allHeld.map(\.task) == [task])
  }
}
