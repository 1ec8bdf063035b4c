/// An exception that strikes a thread (SDM 3A, "Exception and Interrupt Reference").
public struct ThreadException: Hashable, Sendable {
  public let vector: UInt8
  /// The error code; 0 where the vector has none.
  public let errorCode: UInt32
  /// The faulting address of a #PF; 0 for others.
  public let address: LinearAddress

  public init(vector: UInt8, errorCode: UInt32 = 0, address: LinearAddress = LinearAddress(0)) {
    self.vector = vector
    self.errorCode = errorCode
    self.address = address
  }

  public init(_ fault: CPUFault) {
    let address =
      switch fault {
      case .threadPageFault(let address, _): address
      case .pageFault(let address, _): LinearAddress(address.rawValue)
      case .invalidOpcode, .deviceNotAvailable, .generalProtection: LinearAddress(0)
      }
    self.init(vector: UInt8(fault.vector), errorCode: fault.errorCode, address: address)
  }

  public static let divide = ThreadException(vector: 0)
  public static let debug = ThreadException(vector: 1)
  public static let breakpoint = ThreadException(vector: 3)
  public static let boundRange = ThreadException(vector: 5)
  public static let invalidOpcode = ThreadException(vector: 6)
  public static let generalProtection = ThreadException(vector: 13)
  public static let floatingPoint = ThreadException(vector: 16)
  public static let alignment = ThreadException(vector: 17)
  public static let simd = ThreadException(vector: 19)
  public static let controlProtection = ThreadException(vector: 21)
}

/// Why a thread leaves its enclave without having asked.
public enum AsynchronousEvent: Hashable, Sendable {
  case exception(ThreadException)
  /// An interrupt, NMI, SMI or VM exit: the enclave is not told what it was.
  case interrupt
}

/// EXITINFO of an SSA frame, 32 bits (SDM 3D, "EXITINFO").
public struct ExitInfo: Hashable, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// What the frame says of an event: vector, type 3 or 6, VALID; 0 for what an enclave is not told of.
  public init(_ event: AsynchronousEvent, miscSelect: MiscSelect) {
    rawValue = 0
    guard case .exception(let exception) = event else { return }
    let isReported: Bool =
      switch exception.vector {
      case 0, 1, 3, 5, 6, 16, 17, 19: true
      case 13, 14: miscSelect.contains(.exInfo)
      case 21: miscSelect.contains(.cpInfo)
      default: false
      }
    // A software exception is type 6; hardware's are type 3.
    if isReported { rawValue = 1 << 31 | UInt32(exception.vector == 3 ? 6 : 3) << 8 | UInt32(exception.vector) }
  }

  public var isValid: Bool { rawValue >> 31 == 1 }
  public var vector: UInt8 { UInt8(rawValue & 0xff) }
  public var type: UInt8 { UInt8(rawValue >> 8 & 7) }
}
