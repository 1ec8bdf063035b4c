import SGXArchitecture
import Simulation

@testable import LinuxKernel

/// A process that lives outside as far as the driver can tell: what an attached program would be, played by an address space of its own.
/// Tests are single-threaded with it.
final class OutsideDouble: OutsideProcess, @unchecked Sendable {
  var memory = AddressSpace()
  var signals = PendingSignals()
  private var descriptors = DescriptorTable()
  /// Bytes of enclave pages, which the program reads and writes by itself.
  var live: [UserAddress: [UInt8]] = [:]
  /// How often each question crossed the seam.
  private(set) var crossings: [String: Int] = [:]

  private func cross(_ what: String) { crossings[what, default: 0] += 1 }

  func read(_ address: UserAddress, count: Int) -> [UInt8]? {
    cross("read")
    var bytes: [UInt8] = []
    while bytes.count < count {
      guard case .page(let page) = memory.pin(UserAddress(address.rawValue + UInt64(bytes.count))) else { return nil }
      let offset = Int((address.rawValue + UInt64(bytes.count)) % pageSize)
      bytes += page.bytes()[offset...].prefix(count - bytes.count)
    }
    return bytes
  }

  func write(_ bytes: [UInt8], at address: UserAddress) -> Bool {
    cross("write")
    return memory.write(bytes, at: address)
  }

  func pin(_ address: UserAddress) -> PinnedPage {
    cross("pin")
    guard case .page(let contents) = memory.pin(address) else { return memory.pin(address) }
    // Copied, as from a process that may change it the next moment.
    return .page(PageContents(contents.bytes()))
  }

  func mapping(at address: UserAddress) -> Mapping? {
    cross("mapping")
    return memory.mapping(at: address)
  }

  func freeRange(of length: ByteCount) -> UserAddress { memory.freeRange(of: length) }

  func map(_ range: Range<UserAddress>, protection: PagePermissions, mayExecute: Bool, file: Int) {
    _ = memory.map(
      at: range.lowerBound, length: ByteCount(range.upperBound.rawValue - range.lowerBound.rawValue), protection: protection,
      mayExecute: mayExecute, kind: .device(file: file))
  }

  func unmap(_ range: Range<UserAddress>) {
    memory.unmap(range.lowerBound, ByteCount(range.upperBound.rawValue - range.lowerBound.rawValue))
  }

  func protect(_ range: Range<UserAddress>, as protection: PagePermissions) {
    memory.protect(range.lowerBound, ByteCount(range.upperBound.rawValue - range.lowerBound.rawValue), as: protection)
  }

  func hasEntry(at address: UserAddress) -> Bool { memory.pageTables.isPresent(address) }
  func insertEntry(at address: UserAddress) { memory.pageTables.insert(address) }
  func removeEntry(at address: UserAddress) {
    cross("removeEntry")
    memory.pageTables.remove(address)
  }
  func markAccessed(at address: UserAddress) { memory.pageTables.setAccessed(address) }
  func testAndClearAccessed(at address: UserAddress) -> Bool { memory.pageTables.testAndClearAccessed(address) }

  func place(_ contents: PageContents, at address: UserAddress) {
    cross("place")
    live[address] = contents.bytes()
  }

  func liveContents(at address: UserAddress) -> PageContents? {
    cross("liveContents")
    return live[address].map { PageContents($0) }
  }

  func open(_ file: Int) -> FileDescriptor? { descriptors.isFull(ResourceLimits()) ? nil : descriptors.add(file) }
  func close(_ descriptor: FileDescriptor) { descriptors.remove(descriptor) }
  func file(of descriptor: FileDescriptor) -> Int? { descriptors[descriptor] }
  func holds(file: Int) -> Bool { memory.holds(file: file) }
  var hasPendingSignal: Bool { signals.interrupts }
  func send(_ signal: SignalNumber) { signals.send(signal) }
}
