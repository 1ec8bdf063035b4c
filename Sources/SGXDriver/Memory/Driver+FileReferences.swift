import LinuxKernel
import SGXProcessor
import Simulation

extension Driver {
  /// Puts a file among those to be released where no descriptor, no mapping and no ioctl holds it any more.
  mutating func abandonIfUnused(_ file: Int) {
    guard let open = files[file], open.descriptors == 0, open.users == 0, let enclave = open.enclave, !self[enclave].ioctlInFlight,
      !kernel.isMapped(file: file), !abandonedFiles.contains(file)
    else { return }
    abandonedFiles.append(file)
  }

  /// A call takes a file for itself, so that it stays whoever closes it.
  mutating func hold(_ file: Int) { files[file]?.users += 1 }

  mutating func letGo(_ file: Int) {
    files[file]?.users -= 1
    abandonIfUnused(file)
  }

  /// Looks after the files that a process has unmapped.
  public mutating func abandonUnmapped(by process: ProcessID) {
    for file in processes[process.rawValue].memory.takeUnmappedFiles() { abandonIfUnused(file) }
  }

  /// The last reference to a file is gone (driver.c, sgx_release): every address space is taken off the enclave's list. Returns the
  /// references that are to be given back for them and for the file.
  mutating func takeOffFile(_ file: Int) -> UInt32 {
    guard let enclave = files[file]?.enclave else {
      BenchLaw.broken(.references)
      return 0
    }
    files[file] = nil
    let spaces = UInt32(self[enclave].mappedBy.count)
    self[enclave].mappedBy = []
    self[enclave].mappedBySerials = []
    return 1 + (version.mappingHoldsReference ? spaces : 0)
  }

  /// The same where nobody can wait, on the way back to user space or in a worker of the kernel: whoever still walks the list holds a
  /// reference of its own. Returns the enclave if nobody else holds it.
  mutating func closeFile(_ file: Int) -> EnclaveID? {
    guard let enclave = files[file]?.enclave else {
      BenchLaw.broken(.references)
      return nil
    }
    self[enclave].references -= takeOffFile(file)
    return self[enclave].references == 0 ? enclave : nil
  }

  /// Gives a temporary reference back; the last one releases the enclave.
  mutating func drop(_ enclave: EnclaveID, _ processor: inout Processor, _ environment: inout Environment) {
    self[enclave].references -= 1
    if self[enclave].references == 0 { release(enclave, &processor, &environment) }
  }

  /// Releases what nobody holds any more, at the end of a system call.
  public mutating func releaseAbandoned(_ processor: inout Processor, _ environment: inout Environment) {
    while let file = abandonedFiles.popLast() {
      if let enclave = closeFile(file) { release(enclave, &processor, &environment) }
    }
  }

  private mutating func release(_ enclave: EnclaveID, _ processor: inout Processor, _ environment: inout Environment) {
    var release = CloseCall(releasing: enclave)
    for _ in 0..<(UInt64(pool.touchedCount) + 1) << 10 {
      if release.result != nil { return }
      _ = release.step(&self, &processor, &environment, isAlone: true)
    }
    BenchLaw.broken(.stepsBounded)
  }
}
