import SGXArchitecture
import Simulation

/// A version array page (`struct sgx_va_page`): room for the versions of 512 evicted pages.
public struct VersionArray: Hashable, Sendable {
  public let page: PhysPageNumber
  /// Slots in use, 64 a word; empty as long as none ever was.
  private var used: [UInt64] = []
  public private(set) var usedCount: UInt16 = 0
  /// Neighbours in the enclave's list, by number; `none` at its ends.
  fileprivate(set) var next = VersionArray.none
  fileprivate(set) var previous = VersionArray.none

  /// Versions of one page (SGX_VA_SLOT_COUNT).
  public static let slotCount: UInt64 = 512
  static let none = UInt32.max

  init(page: PhysPageNumber) { self.page = page }

  public var isFull: Bool { UInt64(usedCount) == Self.slotCount }

  public func isUsed(_ slot: UInt16) -> Bool { !used.isEmpty && used[Int(slot / 64)] >> UInt64(slot % 64) & 1 == 1 }

  /// Takes the lowest free slot.
  fileprivate mutating func takeSlot() -> UInt16 {
    guard !isFull else {
      BenchLaw.broken(.versionSlots)
      return 0
    }
    if used.isEmpty { used = [UInt64](repeating: 0, count: Int(Self.slotCount / 64)) }
    let word = used.firstIndex { $0 != .max }!
    let bit = (~used[word]).trailingZeroBitCount
    used[word] |= 1 << UInt64(bit)
    usedCount += 1
    return UInt16(word * 64 + bit)
  }

  fileprivate mutating func free(_ slot: UInt16) {
    guard isUsed(slot) else { return BenchLaw.broken(.versionSlots) }
    used[Int(slot / 64)] &= ~(1 << UInt64(slot % 64))
    usedCount -= 1
  }
}

/// The version arrays of an enclave (`va_pages`): a list whose first has a free slot, if any has.
public struct VersionArrayList: Sendable {
  /// By number, which a slot keeps naming while the list is re-ordered.
  public private(set) var arrays: [VersionArray] = []
  private var head = VersionArray.none
  private var tail = VersionArray.none

  /// Arrays in the list.
  public private(set) var count = 0

  /// Pages in the order of the list.
  public var pages: [PhysPageNumber] {
    var result: [PhysPageNumber] = []
    var number = head
    while number != VersionArray.none, result.count <= count {
      result.append(arrays[Int(number)].page)
      number = arrays[Int(number)].next
    }
    return result
  }

  /// Puts a new array first (ioctl.c, sgx_encl_add_page; encl.c, sgx_encl_eaug_page).
  mutating func addFirst(_ page: PhysPageNumber) {
    arrays.append(VersionArray(page: page))
    linkFirst(UInt32(arrays.count - 1))
  }

  /// Forgets the array that was added last, whose slots nobody has taken yet.
  mutating func removeNewest(_ page: PhysPageNumber) {
    guard let newest = arrays.last, newest.page == page, newest.usedCount == 0 else { return BenchLaw.broken(.versionArrays) }
    unlink(UInt32(arrays.count - 1))
    arrays.removeLast()
  }

  /// Takes the lowest free slot of the first array; an array that is full now goes to the end (encl.c, sgx_alloc_va_slot).
  mutating func takeSlot() -> VersionSlot {
    let number = head
    precondition(number != VersionArray.none, "version-slots: an enclave with pages has a version array")
    let index = arrays[Int(number)].takeSlot()
    if arrays[Int(number)].isFull {
      unlink(number)
      linkLast(number)
    }
    return VersionSlot(array: number, index: index)
  }

  mutating func free(_ slot: VersionSlot) { arrays[Int(slot.array)].free(slot.index) }

  /// A page was loaded back: its array has room and becomes the first (encl.c, sgx_encl_eldu).
  mutating func moveFirst(_ number: UInt32) {
    unlink(number)
    linkFirst(number)
  }

  /// Forgets the first array of the list and returns its page; for release.
  mutating func popFirst() -> PhysPageNumber? {
    guard head != VersionArray.none else { return nil }
    let number = head
    unlink(number)
    defer { if head == VersionArray.none { arrays = [] } }
    return arrays[Int(number)].page
  }

  private mutating func linkFirst(_ number: UInt32) {
    arrays[Int(number)].next = head
    arrays[Int(number)].previous = VersionArray.none
    if head == VersionArray.none { tail = number } else { arrays[Int(head)].previous = number }
    head = number
    count += 1
  }

  private mutating func linkLast(_ number: UInt32) {
    arrays[Int(number)].previous = tail
    arrays[Int(number)].next = VersionArray.none
    if tail == VersionArray.none { head = number } else { arrays[Int(tail)].next = number }
    tail = number
    count += 1
  }

  private mutating func unlink(_ number: UInt32) {
    let (next, previous) = (arrays[Int(number)].next, arrays[Int(number)].previous)
    if previous == VersionArray.none { head = next } else { arrays[Int(previous)].next = next }
    if next == VersionArray.none { tail = previous } else { arrays[Int(next)].previous = previous }
    count -= 1
  }
}
