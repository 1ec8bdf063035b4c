import SGXArchitecture
import Simulation

/// Where a process lives.
///
/// A process of the model stands in `Process` itself, in place: an enum that carried it would be copied at each look, or taken out and
/// put back at each change (Docs/Decisions.md has the figures). So the first case says only that, and the second leads outside.
package enum ProcessSeat: Sendable {
  case model
  case outside(any OutsideProcess)
}

/// A real process outside, as a driver reaches it: whoever attaches one answers for it.
///
/// Each function is one crossing, and the page path makes one a page. Contents are copied: what lies outside can change at any moment.
package protocol OutsideProcess: AnyObject, Sendable {
  // MARK: Memory

  /// Copies bytes in (copy_from_user); nil where one of them cannot be read.
  func read(_ address: UserAddress, count: Int) -> [UInt8]?
  /// Copies bytes out (copy_to_user); false where one of them cannot be written.
  func write(_ bytes: [UInt8], at address: UserAddress) -> Bool
  /// Looks up the mapping above an address, and pins and copies the page at it.
  func pin(_ address: UserAddress) -> PinnedPage
  /// The mapping that covers an address.
  func mapping(at address: UserAddress) -> Mapping?
  /// Chooses a range that is free (get_unmapped_area).
  func freeRange(of length: ByteCount) -> UserAddress
  /// Maps a device's file, which the driver has allowed; what lay there is gone.
  func map(_ range: Range<UserAddress>, protection: PagePermissions, mayExecute: Bool, file: Int)
  func unmap(_ range: Range<UserAddress>)
  func protect(_ range: Range<UserAddress>, as protection: PagePermissions)

  // MARK: Page-table entries of device mappings

  func hasEntry(at address: UserAddress) -> Bool
  func insertEntry(at address: UserAddress)
  func removeEntry(at address: UserAddress)
  func markAccessed(at address: UserAddress)
  func testAndClearAccessed(at address: UserAddress) -> Bool

  // MARK: Live pages

  /// A page of the device has become resident at an address, with these bytes.
  func place(_ contents: PageContents, at address: UserAddress)
  /// What the page holds by now; nil where nothing was placed.
  func liveContents(at address: UserAddress) -> PageContents?

  // MARK: Descriptors and signals

  /// Gives the process a descriptor of a file, the lowest that is free; nil where it may have no more (EMFILE).
  func open(_ file: Int) -> FileDescriptor?
  /// The descriptor is closed.
  func close(_ descriptor: FileDescriptor)
  /// The file that a descriptor leads to, by the number it was opened with; nil where it leads to none of this kernel's.
  func file(of descriptor: FileDescriptor) -> Int?
  /// True where a mapping holds the file.
  func holds(file: Int) -> Bool
  /// True where a signal is pending that is not blocked (signal_pending).
  var hasPendingSignal: Bool { get }
  func send(_ signal: SignalNumber)
}

/// What came of pinning a page for reading.
package enum PinnedPage: Sendable {
  case page(PageContents)
  /// Nothing is mapped at or above the address.
  case noMappingAbove
  /// The mapping found, which may lie above a hole, may never become executable (VM_MAYEXEC).
  case mayNotExecute
  /// The page is not there, cannot be read, or is no ordinary memory.
  case unreadable
}
