import SGXArchitecture

/// Something that happened, recorded after the state changed. No text is built until someone asks for it.
public enum Event: Hashable, Sendable, BitwiseCopyable {
  case leaf(LeafName, PhysPageNumber, LeafResult)
  /// EEXTENDs of one page, one after another, all of them done.
  case extended(PhysPageNumber, chunks: UInt8)
  /// A thread left the enclave of this TCS without having asked: by an exception, or, without a vector, an interrupt.
  case thrownOut(PhysPageNumber, vector: UInt8?)
  case powerCycled(PowerCycleKind)
  case injected(Injection, Site)
  case operationBegan(CallNumber, subject: UInt32)
  /// The value that the system call layer sees: a negative errno, 0, or -512 for a restart.
  case operationEnded(CallNumber, subject: UInt32, result: Int32)
  case slotFilled(enclave: UInt32, EnclaveOffset, PhysPageNumber)
  case slotReleased(enclave: UInt32, EnclaveOffset)
  /// The page was written out, or could not be and is lost.
  case slotEvicted(enclave: UInt32, EnclaveOffset, PhysPageNumber)
  /// The page came back.
  case slotLoaded(enclave: UInt32, EnclaveOffset, PhysPageNumber)
  case secsEvicted(enclave: UInt32, PhysPageNumber)
  case secsLoaded(enclave: UInt32, PhysPageNumber)
  /// Every processor that may run the enclave was interrupted.
  case threadsInterrupted(enclave: UInt32)
  case pageAllocated(PhysPageNumber)
  case pageFreed(PhysPageNumber)
  case pageLeaked(PhysPageNumber)
  /// A process changed its own memory.
  case memoryWritten(process: UInt32)
  /// The pool had no page for whoever asked.
  case poolEmpty
  /// Bytes could not be copied from or to user memory, or a source page not be pinned.
  case copyFailed(UserCopyKind)
  case warned(site: UInt8, value: UInt32)
  case signalPending(SignalNumber)
  case signalDelivered(SignalNumber)
  case restarted(CallNumber)
  /// A call has slept; it may have been woken early.
  case slept(milliseconds: UInt32)
}

/// Result of a leaf in 32 bits: 0, a code, or 0x40000000 or'ed with a vector, as Linux's wrappers encode it.
@frozen public struct LeafResult: Hashable, Sendable, BitwiseCopyable {
  public let encoded: UInt32
  @inlinable public init(encoded: UInt32) { self.encoded = encoded }
  /// An exception instead of an answer.
  @inlinable public init(vector: UInt32) { encoded = 0x4000_0000 | vector }
  public static let done = LeafResult(encoded: 0)

  /// The exception's vector; nil where the leaf answered.
  public var vector: UInt32? { encoded & 0x4000_0000 != 0 ? encoded & 0xff : nil }
}

/// What was asked for: the number of a call, whose name the driver's registry of calls knows.
@frozen public struct CallNumber: Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt8
  @inlinable public init(_ rawValue: UInt8) { self.rawValue = rawValue }
}
