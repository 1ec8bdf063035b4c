import SGXArchitecture
import Simulation

/// What a driver asks of a process's memory, wherever the process lives.
extension Process {
  /// Copies bytes in (copy_from_user); nil where one of them cannot be read.
  package func read(_ address: UserAddress, count: Int) -> [UInt8]? {
    switch seat {
    case .model: memory.read(address, count: count)
    case .outside(let process): process.read(address, count: count)
    }
  }

  /// Finds and pins a source page for reading, one visit of `.userCopy` where there is a page to pin.
  ///
  /// Until it is used the page stays where it is; nothing keeps its contents the same, so they are what they were when it was pinned.
  /// The mapping looked up is the *next* one above an unmapped address (find_vma), so a hole below a noexec mapping says EACCES.
  /// In place, as `hasPendingSignal`: the page path does it for each page.
  package mutating func pin(_ address: UserAddress, _ environment: inout Environment) throws(Errno) -> PageContents {
    let pinned = switch seat {
    case .model: memory.pin(address)
    case .outside(let process): process.pin(address)
    }
    switch pinned {
    case .noMappingAbove: throw .EFAULT
    case .mayNotExecute: throw .EACCES
    case .page, .unreadable: break
    }
    guard environment.visit(.userCopy(.pin)) != .badAddress, case .page(let contents) = pinned else {
      environment.trace.record(.copyFailed(.pin))
      throw .EFAULT
    }
    return contents
  }

  /// The mapping that covers an address.
  package func mapping(at address: UserAddress) -> Mapping? {
    switch seat {
    case .model: memory.mapping(at: address)
    case .outside(let process): process.mapping(at: address)
    }
  }

  /// Whether the process has more mappings than it may (vm.max_map_count), `more` of them still to come. Outside, its own kernel counts.
  package func hasTooManyMappings(_ settings: MemorySettings, more: UInt64 = 0) -> Bool {
    switch seat {
    case .model: UInt64(memory.mappingCount) + more > settings.mappingsMax
    case .outside: false
    }
  }

  /// Whether unmapping the range fails because the hole would make two mappings of one, and there are as many as may be (mm/mmap.c,
  /// do_vmi_align_munmap).
  package func mayNotCutHole(_ range: Range<UserAddress>, _ settings: MemorySettings) -> Bool {
    guard let mapping = mapping(at: range.lowerBound), mapping.start < range.lowerBound, range.upperBound < mapping.end else { return false }
    return hasTooManyMappings(settings, more: 1)
  }

  /// Sets a range aside for a mapping whose place the kernel chooses.
  package mutating func freeRange(of length: ByteCount) -> UserAddress {
    switch seat {
    case .model: memory.freeRange(of: length)
    case .outside(let process): process.freeRange(of: length)
    }
  }

  /// Maps a device's file; what lay there is gone.
  package mutating func map(_ range: Range<UserAddress>, protection: PagePermissions, mayExecute: Bool, file: Int) {
    switch seat {
    case .model:
      _ = memory.map(
        at: range.lowerBound, length: ByteCount(range.upperBound.rawValue - range.lowerBound.rawValue), protection: protection,
        mayExecute: mayExecute, kind: .device(file: file))
    case .outside(let process): process.map(range, protection: protection, mayExecute: mayExecute, file: file)
    }
  }

  package mutating func unmap(_ range: Range<UserAddress>) {
    switch seat {
    case .model: memory.unmap(range.lowerBound, ByteCount(range.upperBound.rawValue - range.lowerBound.rawValue))
    case .outside(let process): process.unmap(range)
    }
  }

  package mutating func protect(_ range: Range<UserAddress>, as protection: PagePermissions) {
    switch seat {
    case .model:
      memory.protect(range.lowerBound, ByteCount(range.upperBound.rawValue - range.lowerBound.rawValue), as: protection)
    case .outside(let process): process.protect(range, as: protection)
    }
  }

  /// Whether an address of a device mapping has a page-table entry.
  package func hasEntry(at address: UserAddress) -> Bool {
    switch seat {
    case .model: memory.pageTables.isPresent(address)
    case .outside(let process): process.hasEntry(at: address)
    }
  }

  /// Adds an entry, born accessed; one that is there stays as it is.
  package mutating func insertEntry(at address: UserAddress) {
    switch seat {
    case .model: memory.pageTables.insert(address)
    case .outside(let process): process.insertEntry(at: address)
    }
  }

  /// Removes an entry, if there is one (zap_vma_ptes).
  package mutating func removeEntry(at address: UserAddress) {
    switch seat {
    case .model: memory.pageTables.remove(address)
    case .outside(let process): process.removeEntry(at: address)
    }
  }

  /// The processor marks an entry that it used.
  package mutating func markAccessed(at address: UserAddress) {
    switch seat {
    case .model: memory.pageTables.setAccessed(address)
    case .outside(let process): process.markAccessed(at: address)
    }
  }

  /// Clears the accessed bit of an entry and says what it was.
  package mutating func testAndClearAccessed(at address: UserAddress) -> Bool {
    switch seat {
    case .model: memory.pageTables.testAndClearAccessed(address)
    case .outside(let process): process.testAndClearAccessed(at: address)
    }
  }

  /// True where a mapping of the process holds the file.
  package func holds(file: Int) -> Bool {
    switch seat {
    case .model: memory.holds(file: file)
    case .outside(let process): process.holds(file: file)
    }
  }
}
