import LinuxKernel
import SGXProcessor
import Simulation

/// Work of the kernel's own thread that evicts pages (main.c, ksgxd).
public struct ReclaimCall: DriverCall {
  public static let name = OperationName.reclaim
  public enum Extent: Hashable, Sendable {
    /// So many batches, whatever is free.
    case batches(UInt64)
    /// Batches as long as fewer than 64 pages are free and some can be evicted, as the thread does once it is awake; so many at most.
    case untilHighWatermark(batchesMax: UInt64)
  }

  public let extent: Extent
  public let process = ProcessID.kernel
  public private(set) var result: Result<Void, KernelError>?
  /// Batches done.
  public private(set) var batches: UInt64 = 0
  /// Pages freed.
  public private(set) var freed: UInt64 = 0
  private(set) var batch: ReclaimBatch?
  private var agesBefore: UInt64 = 0
  private var removalsBefore: UInt64 = 0

  public init(_ extent: Extent) { self.extent = extent }

  public var report: CallReport {
    var report = CallReport()
    report.batches = batches
    report.freed = freed
    return report
  }

  public var restarted: ReclaimCall { ReclaimCall(extent) }

  public func work(on driver: borrowing Driver) -> CallWork {
    let batches =
      switch extent {
      case .batches(let count), .untilHighWatermark(let count): count
      }
    return CallWork(fuel: min(batches * 16, UInt64(driver.pool.queuedCount) + batches) * 20)
  }

  /// Moments reached so far at which other tasks can come in: see `ReclaimBatch`.
  public var agesReached: UInt64 { agesBefore + (batch?.agesReached ?? 0) }
  public var removalsReached: UInt64 { removalsBefore + (batch?.removalsReached ?? 0) }

  public mutating func step(
    _ driver: inout Driver, _ processor: inout Processor, _ environment: inout Environment, isAlone: Bool
  ) -> StepOutcome {
    if batch != nil {
      do throws(CallStop) {
        if try batch!.step(&driver, &processor, &environment) { note(batch.take()!) }
        return .more
      } catch {
        return error.end(&result)
      }
    }
    guard goesOn(driver) else {
      result = .success(())
      return .finished
    }
    driver.kernel.tasks.noteBegun(.reclaim)
    batch = ReclaimBatch()
    return .more
  }

  private func goesOn(_ driver: Driver) -> Bool {
    switch extent {
    case .batches(let count): batches < count
    case .untilHighWatermark(let batchesMax): batches < batchesMax && driver.isBelowHighWatermark
    }
  }

  private mutating func note(_ batch: ReclaimBatch) {
    batches += 1
    freed += batch.freed
    agesBefore += batch.agesReached
    removalsBefore += batch.removalsReached
  }
}

extension Driver {
  /// Whether ksgxd, once awake, has something to do.
  public var isBelowHighWatermark: Bool {
    version.reclaims && pool.freeCount < PhysPagePool.highWatermark && pool.queuedCount > 0
  }
}
