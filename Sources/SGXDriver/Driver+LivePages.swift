import LinuxKernel
import SGXArchitecture
import SGXProcessor

/// Pages whose bytes live in a process outside, which reads and writes them while the model looks away.
///
/// What an enclave page holds is then read when it is evicted, and written out to the process when it comes.
extension Driver {
  /// Pages that live outside: the machine that has one is no value, and a copy of it would be no fork.
  public var livePageCount: UInt64 {
    enclaves.reduce(0) { $0 + ($1?.livesIn == nil ? 0 : $1!.slots.residentCount) }
  }

  /// A page has become resident: its bytes go to the process that the enclave lives in.
  func place(_ page: PhysPageNumber, at pageIndex: UInt64, of enclave: EnclaveID, _ processor: Processor) {
    guard let owner = self[enclave].livesIn else { return }
    processes[owner.rawValue].place(processor.epc[page], at: userAddress(of: pageIndex, in: enclave))
  }

  /// A page is about to be evicted: its bytes come from the process that the enclave lives in.
  func fetch(_ page: PhysPageNumber, at pageIndex: UInt64, of enclave: EnclaveID, _ processor: inout Processor) {
    guard let owner = self[enclave].livesIn,
      let contents = processes[owner.rawValue].liveContents(at: userAddress(of: pageIndex, in: enclave))
    else { return }
    processor.refresh(page, with: contents)
  }
}
