import BigInt
import CryptoExtras

/// Keys that come with the bench, so that a scenario can sign without a file. Their primes are printed here: they protect nothing.
///
/// They are made when first used. Their signers are in `Docs/Signatures.md`.
extension SigningKey {
  /// The usual one; MRSIGNER 97b5c665….
  public static let test = SigningKey(
    p: """
    e71bdead486e5f25bec2d65d4a9565f9bdece0f6f2b2285d019a9258fa6c133fcfaf7ea09bdec6785db329afaf1d62dd\
    919a8e5f353623d1cb81286903674e8f7a0603061e717cf68b793ecc4243178700a4209d4f76eec93f6161fdef5805f0\
    079234a8d110d6f6bc73e02565726ed8392fb23016de2901ca925b1616c4c32701f4ab62f14a582900aa5ff961edb107\
    b4281388a06972c8a139a318fa5faea3cf96f9fe23b10e111cc411503639a599db0156a496f1014c203ef75711a66475
    """,
    q: """
    f6dccbf274593de465a52aff62ad596d3110e0420d33518d4661ad597b2c1c7b5ce00ff9066d70cb26d4feffddb5825e\
    d90a2ccbf98cec591e4767855624790c91a504fd6ecf28b8d8488af781eaa20e7f82a858c3ceeda9cf3595f1b35860e9\
    d7a876c2ff7c8949cba4130109fd83a0bcc7960337b9dfa9bf2c250505e6125e4f5d81e3c366f9362732eb7102149a89\
    8d9e87ce8da211bcf28cdc4a888e306e7a7c352f762e7b57555a3a152e5d3ae8da66366188eb686887e9959e2922c4f9
    """)

  /// Another, for a signer that is not the right one; MRSIGNER 555cb8ea….
  public static let otherTest = SigningKey(
    p: """
    cd501714970ea9bb94c777daa2ab28ef03c9480e897aaa0118bf4a92b994353f446765229bec55a623f3059f3cb4eccc\
    c9892fc19cb59ae6551dc51d8159fc65da21ee302e245cfce6f7fa444a6b13e116c59939249578f4ae6a004fcd80eafc\
    5513759deb4b2ff08309fba584804c501c3242c31a36c33973ae446049cc3fc1e91678b881ce3beae97a2ae808f4c01b\
    a3bd973d525fe9a7cdb04d0f78c38e5a619da090dcd4461c22c0f5968ed41eff68dcad54ea4af520fbbd8c60a8f5d8b9
    """,
    q: """
    c5e3a7dab0567c84cd63460ebfe99e5a6755ca176564d6583a28ff0951509bbbba86472a154f88bc8c0a42e120ea79b3\
    962b20ae4fec07706d4e2350c767f00a2174317dcec45015bf135e760950b8d4cd6bd9c7f16d2634dea1803ad67e3874\
    b96df1135ecff2202e333dde34e1b2d578c57424b020ceb15679689ebfb60c9e5acfa37409499977ceb1d19af5b28881\
    bcd1ca69c2fd6efd8613ff049d7bf5fab79cf9b70333a558ed79af933ee446f2c31e84857ef3752f67b795f485a2c3d3
    """)

  /// A key of exponent 3 from its primes, in hexadecimal.
  private init(p: String, q: String) {
    guard let p = BigUInt(p, radix: 16), let q = BigUInt(q, radix: 16) else { preconditionFailure("test-key: the primes are hexadecimal") }
    let modulus = p * q
    // 3 divides one of totient + 1 and 2 * totient + 1; the quotient is the inverse of 3.
    let totient = modulus - p - q + 1
    let (quotient, rest) = (totient + 1).quotientAndRemainder(dividingBy: 3)
    let exponent = rest == 0 ? quotient : (totient * 2 + 1) / 3
    do {
      self = try SigningKey(
        _RSA.Signing.PrivateKey(
          n: modulus.bigEndian(count: 384), e: [3], d: exponent.bigEndian(count: 384), p: p.bigEndian(count: 192),
          q: q.bigEndian(count: 192)))
    } catch {
      preconditionFailure("test-key: the test key is an RSA key: \(error)")
    }
  }
}
