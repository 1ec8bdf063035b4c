import SGXArchitecture

/// Where the parts of a Windows enclave go. Everything is computed; the file has no table of it.
struct WindowsLayout {
  /// Bytes left out around heap, SSA and stack.
  private static let guardSize: UInt64 = 0x10000

  let heap: UInt64
  let heapSize: UInt64
  let enclaveSize: UInt64

  // From a thread's TCS.
  let tls: UInt64 = pageSize
  let tlsSize: UInt64
  let ssa: UInt64
  let ssaSize: UInt64
  let stackBottom: UInt64
  let stackTop: UInt64

  private let firstThread: UInt64

  /// - Parameters:
  ///   - end: where the last section ends.
  ///   - tlsSize: bytes of the threads' template, 0 where there is none.
  init(_ metadata: WindowsMetadata, end: UInt64, tlsSize: UInt64) {
    self.tlsSize = tlsSize.pageEnd
    heap = end
    heapSize = metadata.heapSize
    ssa = tls.plus(self.tlsSize).plus(Self.guardSize)
    ssaSize = metadata.frames.times(metadata.framePages).bytesOfPages
    stackBottom = ssa.plus(ssaSize).plus(Self.guardSize)
    stackTop = stackBottom.plus(metadata.stackSize.pageEnd)
    firstThread = heap.plus(heapSize.pageEnd).plus(Self.guardSize)
    enclaveSize = firstThread.plus(metadata.threads.times(stackTop)).nextPowerOfTwo
  }

  /// Adds a thread: TCS, thread-local data, SSA, stack. The next one follows the stack at once.
  func addThread(
    _ index: UInt64, _ metadata: WindowsMetadata, entry: UInt64, to builder: inout LoadPlanBuilder
  ) throws(ImageRefusal) {
    let tcs = firstThread.plus(index.times(stackTop))
    let control = ThreadControl(
      ossa: tcs.plus(ssa), nssa: UInt32(truncatingIfNeeded: metadata.frames), oentry: entry, base: tcs.plus(tls), limit: 0xfff)
    let origin = metadata.bytes.start.plus(20)
    try builder.add(at: tcs, pages: 1, flags: 0x100, .same(control.page), .all, .tcs, origin: origin)
    try builder.add(at: tcs.plus(tls), pages: tlsSize.pagesNeeded, flags: 0x203, .zero, .all, .tls, origin: origin)
    try builder.add(at: tcs.plus(ssa), pages: ssaSize.pagesNeeded, flags: 0x203, .zero, .all, .ssa, origin: origin)
    let stack = stackTop.minus(stackBottom).pagesNeeded
    try builder.add(at: tcs.plus(stackBottom), pages: stack, flags: 0x203, .same(.fill(0xcc)), .all, .stack, origin: origin)
  }

  /// What the loader writes over the template of the threads' data, as (offset, bytes); what lies between stays.
  func threadTemplate(is64Bit: Bool, policy: UInt8) -> [(UInt64, [UInt8])] {
    func words(_ size: Int, _ values: [UInt64]) -> [UInt8] { values.flatMap { $0.littleEndianBytes.prefix(size) } }
    let stack = [stackTop, stackTop, stackBottom, ssa, ssa.plus(0xf48), pageSize]
    if is64Bit {
      return [
        (8, words(8, stack)), (56, [policy]), (64, words(8, [heap, enclaveSize])), (88, words(8, [0x1030])),
        (96, words(4, [1, heapSize])),
      ]
    }
    return [
      (0, words(4, [0xffff_ffff])), (4, words(4, stack)), (28, [policy]), (32, words(4, [heap, enclaveSize])), (44, words(4, [0x1018, 1])),
      (56, words(4, [heapSize])),
    ]
  }
}
