/// Text for C: a copy that lives as long as this object.
final class CText: @unchecked Sendable {
  // Unchecked because nothing writes through the pointer after `init`.
  let pointer: UnsafePointer<CChar>
  private let room: UnsafeMutableBufferPointer<CChar>
  /// Without the zero byte behind it.
  var count: Int { room.count - 1 }

  init(_ bytes: some Collection<UInt8>) {
    room = .allocate(capacity: bytes.count + 1)
    for (index, byte) in bytes.enumerated() { room.initializeElement(at: index, to: CChar(bitPattern: byte)) }
    room.initializeElement(at: bytes.count, to: 0)
    pointer = UnsafePointer(room.baseAddress!)
  }

  convenience init(_ text: String) { self.init(Array(text.utf8)) }

  deinit { room.deallocate() }
}

/// The bytes C has given, or nil for NULL with a length, and for a length beyond half of all memory: -1, as a size.
func bytes(_ start: UnsafePointer<CChar>?, _ count: Int) -> [UInt8]? {
  guard count >= 0 else { return nil }
  guard let start else { return count == 0 ? [] : nil }
  return UnsafeRawBufferPointer(start: start, count: count).map { $0 }
}

/// A name that C has given; nil for NULL and for bytes that are no UTF-8.
func text(_ start: UnsafePointer<CChar>?) -> String? { start.flatMap { String(validatingCString: $0) } }

/// An object behind an opaque pointer that C holds. NULL gives nil.
func object<Object: AnyObject>(_ pointer: OpaquePointer?, _ type: Object.Type = Object.self) -> Object? {
  pointer.map { Unmanaged<Object>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
}

func handOver(_ object: some AnyObject) -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(object).toOpaque()) }
func lend(_ object: some AnyObject) -> OpaquePointer { OpaquePointer(Unmanaged.passUnretained(object).toOpaque()) }

func release<Object: AnyObject>(_ pointer: OpaquePointer?, _ type: Object.Type) {
  if let pointer { Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).release() }
}
