import SGXArchitecture
import Testing

/// The hash of measurements is made of functions that the library does not show. It gives the bytes of the public API.
@Suite struct RunningHashTests {
  @Test func everyLengthHashesAsThePublicAPIDoes() {
    let bytes = (0..<700).map { UInt8(truncatingIfNeeded: $0 * 167 + $0 >> 3) }
    for length in 0...700 {
      var direct = DirectSHA256(), library = RunningSHA256()
      bytes[..<length].withUnsafeBytes { library.update($0) }
      // In two pieces, so that blocks are filled across calls.
      bytes[..<(length / 3)].withUnsafeBytes { direct.update($0) }
      bytes[(length / 3)..<length].withUnsafeBytes { direct.update($0) }
      #expect(direct.digest() == library.digest(), "\(length) bytes")
    }
  }

  /// What a program finds out before it rests on the functions.
  @Test func theFirstUseFindsThemAsDeclared() {
    #expect(DirectSHA256.isTheLibrarys)
    #expect(DirectPageCipher.isTheLibrarys)
  }

  @Test func aCopyGoesOnAlone() {
    let bytes = [UInt8](repeating: 7, count: 100)
    var one = DirectSHA256(), all = DirectSHA256()
    bytes.withUnsafeBytes { one.update($0) }
    let before = one.digest()
    var copy = one
    bytes.withUnsafeBytes { copy.update($0) }
    #expect(one.digest() == before)
    (bytes + bytes).withUnsafeBytes { all.update($0) }
    #expect(copy.digest() == all.digest())
    #expect(copy.digest() != before)
  }
}
