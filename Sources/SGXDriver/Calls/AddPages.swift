import LinuxKernel
import SGXArchitecture
import SGXProcessor
import Simulation

/// SGX_IOC_ENCLAVE_ADD_PAGES (ioctl.c, sgx_ioc_enclave_add_pages and sgx_encl_add_page).
///
/// Success is 0; how much was added is only in `count`. Each page is a short story: descriptor and EPC page, version slot,
/// place in the range, source, EADD, sixteen EEXTENDs, reclaim queue. What fails is undone in reverse order, but for what the
/// measurement has swallowed.
public struct AddPagesCall: IoctlCall {
  public static let name = OperationName.addPages
  public let process: ProcessID
  public let descriptor: FileDescriptor
  /// What is asked; the SECINFO that the kernel has read, once it has.
  public private(set) var request: AddPagesRequest
  public private(set) var result: Result<Void, KernelError>?
  /// Bytes added, as written back to the argument; nil where nothing was written back.
  public private(set) var count: ByteCount?
  /// Bytes added, whether user space was told or not.
  public private(set) var done: UInt64 = 0
  /// An EEXTEND failed after its page's EADD had been measured.
  public private(set) var failedToExtend = false
  /// It ended with EIO and took the enclave with it.
  public private(set) var destroyed = false

  public var report: CallReport {
    var report = CallReport()
    report.count = count?.rawValue
    if let count, let bytes = request.argumentBytes { report.argument = EnclaveAddPagesArgument.bytes(bytes, count: count) }
    return report
  }

  public func work(on driver: borrowing Driver) -> CallWork {
    let pages = pagesAtMost(on: driver)
    // Where EPC is short, a page is evicted for each.
    let evicted = pages > driver.pool.freeCount ? pages - driver.pool.freeCount : 0
    var work = CallWork(fuel: pages * (request.flags & AddPagesRequest.measure == 0 ? 16 : 150) + evicted * 20, pages: pages)
    work.evictions = evicted
    return work
  }

  /// Pages that it can come to: none where its range makes it EINVAL.
  private func pagesAtMost(on driver: borrowing Driver) -> UInt64 {
    guard let enclave = driver.enclaveID(of: descriptor, in: process), let size = driver[enclave].created?.size else { return 0 }
    let (offset, length) = (request.enclaveOffset.rawValue, request.length.rawValue)
    let wraps = driver.version.rangeCheckWraps && offset.addingReportingOverflow(length).overflow
    guard wraps || (offset < size && length <= size - offset), length % pageSize == 0 else { return 0 }
    let pages = min(length / pageSize, UInt64(driver.pool.total))
    return driver.version.capsAddPages ? min(pages, AddPagesRequest.cap / pageSize) : pages
  }

  enum Phase { case enter, nextPage, allocate, insert, add, extend, destroy }
  private(set) var phase = Phase.enter
  private var enclave = EnclaveID(0)
  /// Base and SECS of the enclave; neither changes after CREATE while it is not initialised.
  private var baseAddress = LinearAddress(0)
  private var secs = EPCAddress(0)
  // The page in work.
  private var page = PhysPageNumber(0)
  private var newVersionArray: PhysPageNumber?
  /// `mmap_lock`, and inside it `encl->lock`: from before a page's version array is linked until after its last EEXTEND.
  private(set) var holdsMemory = false
  private var contents = PageContents.zero
  private var chunk = 0

  public init(process: ProcessID, descriptor: FileDescriptor, request: AddPagesRequest) {
    self.process = process
    self.descriptor = descriptor
    self.request = request
  }

  public mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    do throws(CallStop) {
      switch phase {
      case .enter:
        try enter(&driver, &environment)
        phase = .nextPage
      case .nextPage:
        guard done < request.length.rawValue else { return finish(resultOfLoop, &driver, &processor, &environment) }
        if driver.pollsSignal(process, &environment) {
          return finish(done == 0 ? .restart : nil, &driver, &processor, &environment)
        }
        if driver.version.capsAddPages, done == AddPagesRequest.cap { return finish(nil, &driver, &processor, &environment) }
        phase = .allocate
      case .allocate:
        if try allocate(&driver, &processor, &environment) { phase = .insert }
      case .insert:
        try takeLocks(&driver)
        try insert(&driver, &processor, &environment)
        phase = .add
      case .add:
        try add(&driver, &processor, &environment)
        chunk = request.flags & AddPagesRequest.measure == 0 ? extendChunksPerPage : 0
        phase = .extend
      case .extend:
        if isAlone, chunk == 0 {
          try extendPage(&driver, &processor, &environment)
        } else if chunk < extendChunksPerPage {
          try extendChunk(&driver, &processor, &environment)
        }
        guard chunk == extendChunksPerPage else { return .more }
        driver.place(page, at: enclaveOffset.pageIndex, of: enclave, processor)
        if driver.version.reclaims { driver.pool.enqueue(page) } else { driver.pool.settle(page) }
        giveLocks(&driver)
        done += pageSize
        phase = .nextPage
      case .destroy:
        return try destroy(&driver, &processor, &environment)
      }
      return .more
    } catch {
      switch error {
      // Only allocation says so in the middle of the pages.
      case .error(.restart) where done > 0 && driver.version.signalDuringReclaimKeepsProgress:
        return finish(nil, &driver, &processor, &environment)
      case .error(let error): return finish(error, &driver, &processor, &environment)
      case .finding, .waits: return error.end(&result)
      }
    }
  }

  private mutating func takeLocks(_ driver: inout Driver) throws(CallStop) {
    if !holdsMemory {
      try driver.lockMemoryForReading(of: process)
      holdsMemory = true
    }
    try driver.lock(enclave)
  }

  private mutating func giveLocks(_ driver: inout Driver) {
    driver.unlock(enclave)
    driver.unlockMemoryForReading(of: process)
    holdsMemory = false
  }

  private var enclaveOffset: EnclaveOffset { EnclaveOffset(request.enclaveOffset.rawValue &+ done) }

  private mutating func enter(_ driver: inout Driver, _ environment: inout Environment) throws(CallStop) {
    enclave = try driver.enterIoctl(descriptor, of: process)
    phase = .nextPage
    hasEntered = true
    guard driver[enclave].state.allowsAddPages, let created = driver[enclave].created,
      let secsPage = driver[enclave].secsPage
    else { throw .errno(.EINVAL) }
    try driver.copy(.argument, isAccessible: request.argument != .unreadable, &environment)
    try request.checkRange(enclaveSize: created.size, driver.version)
    if driver.version.refusesUnknownAddFlags, request.flags & ~AddPagesRequest.measure != 0 { throw .errno(.EINVAL) }
    if let address = request.secInfoAddress {
      request.secInfo = SecInfo(try driver.copyIn(.secInfo, from: address, count: SecInfo.size, of: process, &environment))
    } else {
      try driver.copy(.secInfo, isAccessible: request.secInfoIsReadable, &environment)
    }
    try request.checkSecInfo()
    writesBack = true
    baseAddress = created.baseAddress
    secs = EPC.address(of: secsPage)
  }

  /// v39's loop writes its result when it adds a page or stops early, and here it did neither: the variable holds what it held.
  private var resultOfLoop: KernelError? { request.length.rawValue == 0 ? .uninitialised : nil }

  /// The IOCTL bit is ours.
  private var hasEntered = false
  /// Past the entry checks: from here on `count` is written back, whatever happens.
  private var writesBack = false

  enum AllocationStage { case descriptor, page, versionArray }
  private(set) var stage = AllocationStage.descriptor
  private(set) var pageRequest = PageRequest()
  private(set) var versionArrayRequest = VersionArrayRequest()

  /// Descriptor, page and version slot; false where the call is still busy evicting pages for one of them, and between the page and a
  /// new version array.
  private mutating func allocate(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> Bool {
    if stage == .descriptor {
      try driver.allocate(.pageDescriptor, &environment)
      stage = .page
    }
    if stage == .page {
      guard let page = try pageRequest.step(for: process, &driver, &processor, &environment) else { return false }
      self.page = page
      stage = .versionArray
      if driver.version.hasVersionArrays, driver.needsVersionArray(enclave) { return false }
    }
    do throws(CallStop) {
      switch try versionArrayRequest.step(of: enclave, for: process, &driver, &processor, &environment) {
      case .more: return false
      case .done(let newArray): newVersionArray = newArray
      }
    } catch {
      if error.isWait { throw error }
      driver.freePage(page, &processor, &environment)
      throw error
    }
    stage = .descriptor
    return true
  }

  private mutating func insert(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    if let newVersionArray { driver[enclave].versionArrays.addFirst(newVersionArray) }
    guard driver[enclave].slots.reserve(enclaveOffset.pageIndex, secInfo: request.secInfo) else {
      giveBack(&driver, &processor, &environment)
      throw .errno(.EBUSY)
    }
    if case .noMemory? = environment.visit(.allocation(.slotMapNode)) {
      driver[enclave].slots.cancelReservation()
      giveBack(&driver, &processor, &environment)
      throw .errno(.ENOMEM)
    }
    do throws(Errno) {
      contents = try driver.processes[process.rawValue].pin(request.source.advanced(wrappingBy: done), &environment)
    } catch {
      driver[enclave].slots.cancelReservation()
      giveBack(&driver, &processor, &environment)
      throw .errno(error)
    }
  }

  private mutating func add(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    let address = LinearAddress(baseAddress.rawValue &+ enclaveOffset.rawValue)
    let outcome = processor.execute(
      EADD(
        pageInfo: PageInfo(linearAddress: address, secInfo: request.secInfo, secs: secs), source: contents,
        target: EPC.address(of: page)),
      in: &environment)
    guard outcome.isDone else {
      driver.note(outcome, of: enclave)
      driver[enclave].slots.cancelReservation()
      giveBack(&driver, &processor, &environment)
      throw .errno(.EIO)
    }
    driver[enclave].fillReservation(with: page)
    driver.pool.bind(page, to: .addingSlot, of: enclave, pageIndex: enclaveOffset.pageIndex)
    environment.trace.record(.slotFilled(enclave: enclave.rawValue, enclaveOffset, page))
  }

  /// The sixteen EEXTENDs as one step.
  private mutating func extendPage(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    let (done, refusal) = processor.executeExtends(secs: secs, page: EPC.address(of: page), in: &environment)
    chunk += done
    if let refusal { try undo(refusal, &driver, &processor, &environment) }
  }

  /// One EEXTEND, where somebody else could run before the next.
  private mutating func extendChunk(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    let address = EPCAddress(EPC.address(of: page).rawValue + UInt64(chunk) * extendChunkSize)
    let outcome = processor.execute(EEXTEND(secs: secs, chunk: address), in: &environment)
    if outcome.isDone { chunk += 1 } else { try undo(outcome, &driver, &processor, &environment) }
  }

  /// EEXTEND failed: the slot goes, the page goes, what was measured stays.
  private mutating func undo(
    _ outcome: LeafOutcome, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) {
    failedToExtend = true
    if outcome.hasFailed(in: driver.version, on: processor.profile) {
      driver.log.warnOnce(.EEXTEND, value: outcome.encoded.encoded, in: &environment)
    }
    driver.note(outcome, of: enclave)
    driver[enclave].slots.remove(enclaveOffset.pageIndex)
    environment.trace.record(.slotReleased(enclave: enclave.rawValue, enclaveOffset))
    if driver.version.lowersChildCountAfterFailedExtend { driver[enclave].secsChildCount -= 1 }
    giveBack(&driver, &processor, &environment)
    throw .errno(.EIO)
  }

  /// Undoes version slot and EPC page, in this order; the page goes when the locks have been given back.
  private mutating func giveBack(_ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment) {
    driver.shrinkVersionArrays(of: enclave, new: newVersionArray, &processor, &environment)
    giveLocks(&driver)
    driver.freePage(page, &processor, &environment)
  }

  /// Writes `count` back, which may fail and then hides any other result, and spares a v39 enclave that EIO would destroy.
  private mutating func finish(
    _ error: KernelError?, _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) -> StepOutcome {
    result = error.map { .failure($0) } ?? .success(())
    if writesBack {
      do throws(Errno) {
        try UserMemory.copy(.writeBack, isAccessible: request.argument == .readWrite, &environment)
        count = ByteCount(done)
        if error == .errno(.EIO), driver.version.addFailureDestroys {
          phase = .destroy
          return step(&driver, &processor, &environment, isAlone: true)
        }
      } catch {
        result = .failure(.errno(error))
      }
    }
    if hasEntered { driver.leaveIoctl(enclave) }
    return .finished
  }

  /// EIO takes the enclave with it (v39, sgx_encl_destroy), under its lock.
  private mutating func destroy(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment
  ) throws(CallStop) -> StepOutcome {
    try driver.lock(enclave)
    driver.destroy(enclave, &processor, &environment)
    destroyed = true
    driver.unlock(enclave)
    driver.leaveIoctl(enclave)
    return .finished
  }
}
