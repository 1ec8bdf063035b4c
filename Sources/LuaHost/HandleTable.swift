/// The objects behind the handles of one type. A slot is used again after its object is gone, under a new generation, so an
/// old handle finds nothing rather than a stranger.
/// Public and inlinable, because a generic that another module uses unspecialised costs half a microsecond a look.
@frozen public struct HandleTable<Object> {
  public let type: HandleType
  @usableFromInline var slots: [Slot] = []
  @usableFromInline var free: [Int] = []
  @usableFromInline var inserted: UInt64 = 0

  @frozen @usableFromInline struct Slot {
    @usableFromInline var object: Object?
    @usableFromInline var generation: UInt32 = 0
    @usableFromInline var serial: UInt64 = 0
    @inlinable init() {}
  }

  @inlinable public init(type: HandleType) { self.type = type }

  /// Takes an object in and returns the handle to push.
  @discardableResult @inlinable public mutating func insert(_ object: Object) -> Handle {
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(Slot()) }
    inserted += 1
    slots[index].object = object
    slots[index].serial = inserted
    return Handle(type: type, slot: index, generation: slots[index].generation)
  }

  /// The object, or nil when it was removed. Setting changes an object that is there and does nothing otherwise.
  @inlinable public subscript(handle: Handle) -> Object? {
    get { holds(handle) ? slots[handle.slot].object : nil }
    set { if holds(handle), let newValue { slots[handle.slot].object = newValue } }
  }

  /// Gives the object up; its handles are stale from now on.
  @discardableResult @inlinable public mutating func remove(_ handle: Handle) -> Object? {
    guard holds(handle), let object = slots[handle.slot].object.take() else { return nil }
    slots[handle.slot].generation &+= 1
    free.append(handle.slot)
    return object
  }

  /// What is there, in order of creation.
  @inlinable public var inOrderOfCreation: [(handle: Handle, object: Object)] {
    let taken = slots.indices.filter { slots[$0].object != nil }.sorted { slots[$0].serial < slots[$1].serial }
    return taken.compactMap { index in
      slots[index].object.map { (Handle(type: type, slot: index, generation: slots[index].generation), $0) }
    }
  }

  /// Gives every object up; all handles are stale from now on.
  @inlinable public mutating func removeAll() {
    guard count > 0 else { return }
    for (handle, _) in inOrderOfCreation { remove(handle) }
  }

  @inlinable public var count: Int { slots.count - free.count }

  @inlinable func holds(_ handle: Handle) -> Bool {
    handle.type == type && handle.slot >= 0 && handle.slot < slots.count && slots[handle.slot].generation == handle.generation
  }
}
