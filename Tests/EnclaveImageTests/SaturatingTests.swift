import Testing
@testable import EnclaveImage
@Suite struct SaturatingTests {
  @Test func x() { #expect(UInt64(1).plus(.max) == .max) }
}
