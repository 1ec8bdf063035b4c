import Simulation

/// Tasks inside the kernel as locks see them (`struct task_struct`): who runs, what each holds and waits for.
///
/// Locks keep no lists of their own: who waits is linked here by number, so that taking a lock allocates nothing. A place has a
/// record as soon as somebody runs in it; the next tenant finds an empty one.
@frozen public struct TaskTable: Sendable {
  /// The record of whoever runs, taken out of its place: the page path touches no array.
  @usableFromInline var running = TaskRecord(generation: 0)
  /// Which record that is: the task's place and one more, since 0 is for what runs outside all tasks.
  @usableFromInline var runningRecord: UInt32 = 0
  @usableFromInline var records = [TaskRecord(generation: 0)]
  /// In which order classes of locks were taken; no part of a machine's logical state.
  @usableFromInline var lockOrder: LockOrder

  public init(order: LockOrder = LockOrder()) { lockOrder = order }

  /// What the orders of taking have shown to be wrong.
  public var faults: [LockFault] { lockOrder.faults }

  /// Whoever runs (`current`); `TaskID.none` outside all tasks.
  @inlinable public var current: TaskID { TaskID(place: Int(runningRecord) - 1, generation: running.generation) }

  /// Goes on as another task.
  @inlinable public mutating func run(as task: TaskID) {
    if UInt32(truncatingIfNeeded: task.place + 1) != runningRecord || task.generation != running.generation { change(to: task) }
  }

  @usableFromInline mutating func change(to task: TaskID) {
    records[Int(runningRecord)] = running
    while records.count <= task.place + 1 { records.append(TaskRecord(generation: task.generation)) }
    running = records[task.place + 1]
    runningRecord = UInt32(task.place + 1)
    if running.generation != task.generation { running = TaskRecord(generation: task.generation) }
  }

  /// What a task waits for; nil where it can go on.
  public func wait(of task: TaskID) -> LockWait? { record(of: task)?.wait }

  /// True where a signal that kills ends the task's wait.
  public func waitsKillably(_ task: TaskID) -> Bool { record(of: task).map { $0.wait != nil && $0.isKillable } ?? false }

  /// What a task holds, in the order in which it was taken.
  public func heldLocks(of task: TaskID) -> [LockName] { record(of: task)?.held.list ?? [] }

  /// True where whoever runs holds nothing.
  @inlinable public var holdsNothing: Bool { running.held.count == 0 }

  /// Tasks that hold a lock, whether alone or beside others, by place.
  public func holders(of lock: LockName) -> [TaskID] {
    records.indices.filter { self[UInt32($0)].held.contains(lock) }.map { id(at: UInt32($0)) }
  }

  /// Everything that is held, by place of its holder.
  public var allHeld: [(task: TaskID, lock: LockName)] {
    records.indices.flatMap { record in self[UInt32(record)].held.list.map { (id(at: UInt32(record)), $0) } }
  }

  private func record(of task: TaskID) -> TaskRecord? {
    guard task.place + 1 < records.count, self[UInt32(task.place + 1)].generation == task.generation else { return nil }
    return self[UInt32(task.place + 1)]
  }

  @usableFromInline func id(at record: UInt32) -> TaskID { TaskID(place: Int(record) - 1, generation: self[record].generation) }

  @usableFromInline subscript(record: UInt32) -> TaskRecord {
    get { record == runningRecord ? running : records[Int(record)] }
    set { if record == runningRecord { running = newValue } else { records[Int(record)] = newValue } }
  }

  /// Whoever runs has a lock now.
  @inlinable mutating func noteTaken(_ lock: LockName, isNested: Bool) {
    lockOrder.noteTaken(lock.class, holding: running.held.classes, isNested: isNested)
    running.held.push(lock)
  }

  @inlinable mutating func noteReleased(_ lock: LockName) {
    if !running.held.remove(lock) { lockOrder.noteNotHeld(lock.class) }
  }

  /// Something is begun that takes no lock itself, and during which some must not be held (`LockOrder.Rule.never`).
  public mutating func noteBegun(_ work: LockName.Class) {
    lockOrder.noteTaken(work, holding: running.held.classes, isNested: false)
  }

  /// True where a lock that whoever runs waited for has been handed to it.
  @usableFromInline mutating func receives(_ lock: LockName) -> Bool {
    guard running.handed == lock else { return false }
    running.handed = nil
    return true
  }

  /// True where a lock that whoever runs waited for is its own by now, and it has not come to see it yet.
  public func isHanded(_ lock: LockName) -> Bool { running.handed == lock }

  /// A lock goes to a task that waited for it.
  mutating func hand(_ lock: LockName, to record: UInt32) {
    self[record].handed = lock
    self[record].held.push(lock)
  }

  /// What a task waited for has come to pass; it holds nothing by that.
  mutating func note(_ lock: LockName, isOverFor record: UInt32) { self[record].handed = lock }
}

/// What is known of one task.
@frozen @usableFromInline struct TaskRecord: Sendable {
  @usableFromInline var generation: UInt32
  /// The next in the queue it waits in.
  @usableFromInline var next = WaitQueue.none
  @usableFromInline var wait: LockWait?
  @usableFromInline var isKillable = false
  /// A lock it waited for that is its own now, and that it has not come to see yet.
  @usableFromInline var handed: LockName?
  @usableFromInline var held = HeldLocks()

  @inlinable init(generation: UInt32) { self.generation = generation }
}

/// Locks a task holds: four at most, which no path of the kernel goes beyond here.
@frozen @usableFromInline struct HeldLocks: Sendable {
  @usableFromInline var count: UInt8 = 0
  /// One bit for each class.
  @usableFromInline var classes: UInt16 = 0
  @usableFromInline var locks = InlineArray<4, LockName>(repeating: LockName(.mmap))

  @inlinable init() {}

  @inlinable mutating func push(_ lock: LockName) {
    guard count < 4 else { return Self.tooMany() }
    locks[Int(count)] = lock
    count += 1
    classes |= lock.class.bit
  }

  @usableFromInline static func tooMany() { BenchLaw.broken(.heldLocks) }

  /// False where it is not held.
  @inlinable mutating func remove(_ lock: LockName) -> Bool {
    var place = Int(count) - 1
    while place >= 0, locks[place] != lock { place -= 1 }
    guard place >= 0 else { return false }
    count -= 1
    while place < Int(count) {
      locks[place] = locks[place + 1]
      place += 1
    }
    classes = 0
    for index in 0..<Int(count) { classes |= locks[index].class.bit }
    return true
  }

  @usableFromInline func contains(_ lock: LockName) -> Bool { list.contains(lock) }

  @usableFromInline var list: [LockName] { (0..<Int(count)).map { locks[$0] } }
}
