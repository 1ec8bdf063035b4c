/// The objects behind the handles of one type. A slot is used again after its object is gone, under a new generation, so an
/// old handle finds nothing rather than a stranger.
package struct HandleTable<Object> {
  package let type: HandleType
  private var slots: [Slot] = []
  private var free: [Int] = []
  private var inserted: UInt64 = 0

  private struct Slot {
    var object: Object?
    var generation: UInt32 = 0
    var serial: UInt64 = 0
  }

  package init(type: HandleType) { self.type = type }

  /// Takes an object in and returns the handle to push.
  package mutating func insert(_ object: Object) -> Handle {
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(Slot()) }
    inserted += 1
    slots[index].object = object
    slots[index].serial = inserted
    return Handle(type: type, slot: index, generation: slots[index].generation)
  }

  /// The object, or nil when it was removed. Setting changes an object that is there and does nothing otherwise.
  package subscript(handle: Handle) -> Object? {
    get { holds(handle) ? slots[handle.slot].object : nil }
    set { if holds(handle), let newValue { slots[handle.slot].object = newValue } }
  }

  /// Changes the object in place; nil when it was removed.
  package mutating func modify<Result>(_ handle: Handle, _ change: (inout Object) -> Result) -> Result? {
    guard holds(handle), var object = slots[handle.slot].object.take() else { return nil }
    defer { slots[handle.slot].object = object }
    return change(&object)
  }

  /// Gives the object up; its handles are stale from now on.
  @discardableResult
  package mutating func remove(_ handle: Handle) -> Object? {
    guard holds(handle), let object = slots[handle.slot].object.take() else { return nil }
    slots[handle.slot].generation &+= 1
    free.append(handle.slot)
    return object
  }

  /// What is there, in order of creation.
  package var inOrderOfCreation: [(handle: Handle, object: Object)] {
    let taken = slots.indices.filter { slots[$0].object != nil }.sorted { slots[$0].serial < slots[$1].serial }
    return taken.compactMap { index in
      slots[index].object.map { (Handle(type: type, slot: index, generation: slots[index].generation), $0) }
    }
  }

  /// Gives every object up; all handles are stale from now on.
  package mutating func removeAll() {
    guard count > 0 else { return }
    for (handle, _) in inOrderOfCreation { remove(handle) }
  }

  package var count: Int { slots.count - free.count }

  private func holds(_ handle: Handle) -> Bool {
    handle.type == type && slots.indices.contains(handle.slot) && slots[handle.slot].generation == handle.generation
  }
}
