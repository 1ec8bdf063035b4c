import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// What INIT allows, bit by bit, and how the versions differ.
@Suite("INIT by version") struct InitVersionTests {
  private static let attributeBits = (0..<64).map { AttributeFlags(rawValue: 1 << UInt64($0)) }

  /// INIT with one bit demanded under its mask.
  private func outcome(_ driver: DriverVersion, _ change: (inout SigStruct) -> Void) -> CallOutcome? {
    var bench = Bench(driver: driver, checks: .never)
    let enclave = bench.loaded()
    return bench.initialize(enclave) { change(&$0.sigStruct) }
  }

  @Test(arguments: ["5.11", "6.1.192", "6.2", "6.12.107", "reviewed"]) func reservedBitsUnderTheMasksAreEINVAL(_ name: String) throws {
    let driver = try #require(DriverVersion.named(name))
    let knowsBit10 = name != "5.11" && name != "6.1.192"
    for (bit, flag) in Self.attributeBits.enumerated() {
      // What the server processor offers and this driver knows. INIT itself is offered by none.
      let isAllowed = [1, 2, 4, 5, 7].contains(bit) || (bit == 10 && knowsBit10)
      let found = outcome(driver) { ($0.attributes, $0.attributeMask) = (flag, flag) }
      #expect(found == (isAllowed ? .success : .failure(.EINVAL)), "attribute bit \(bit)")
      let unmasked = outcome(driver) { ($0.attributes, $0.attributeMask) = (flag, []) }
      #expect(unmasked == .success, "attribute bit \(bit), not under the mask")
      let cleared = outcome(driver) { ($0.attributes, $0.attributeMask) = ([], flag) }
      #expect(cleared == .success, "attribute bit \(bit), demanded to be clear")
    }
    for bit in 0..<32 {
      let found = outcome(driver) { ($0.miscSelect, $0.miscMask) = (MiscSelect(rawValue: 1 << bit), MiscSelect(rawValue: 1 << bit)) }
      #expect(found == (bit == 0 ? .success : .failure(.EINVAL)), "MISCSELECT bit \(bit)")
    }
    for bit in 0..<64 {
      let found = outcome(driver) { ($0.xfrm.rawValue, $0.xfrmMask.rawValue) = (1 << UInt64(bit), 1 << UInt64(bit)) }
      #expect(found == (0x2e7 >> UInt64(bit) & 1 == 1 ? .success : .failure(.EINVAL)), "XFRM bit \(bit)")
    }
  }

  /// Attributes that an enclave may have without and with the right to provision.
  @Test(arguments: ["v39", "5.11", "6.1.192", "6.2", "7.2.13", "reviewed"]) func attributesOutsideTheMaskAreEACCES(_ name: String) throws {
    let driver = try #require(DriverVersion.named(name))
    let knowsBit10 = !["v39", "5.11", "6.1.192"].contains(name)
    // v39 refuses a reserved bit at CREATE already.
    for bit in [1, 4, 5, 7] + (name == "v39" ? [] : [10]) {
      for isProvisioned in [false, true] {
        var bench = Bench(driver: driver)
        let enclave = bench.loaded(attributes: [.mode64Bit, AttributeFlags(rawValue: 1 << UInt64(bit))])
        if isProvisioned {
          let device = bench.provisionDevice()
          let provisioned = bench.provision(enclave, fd: device)
          #expect(provisioned == .success)
        }
        let outcome = bench.initialize(enclave)
        let isAllowed = [1, 7].contains(bit) || (bit == 10 && knowsBit10) || (bit == 4 && isProvisioned)
        #expect(outcome == (isAllowed ? .success : .failure(.EACCES)), "bit \(bit), provisioned \(isProvisioned)")
      }
    }
  }

  @Test(arguments: [("6.1.192", true), ("6.14", true), ("6.16", false), ("7.2.13", false), ("reviewed", false)])
  func hashingTheSignersKeyCanFailUntil6_16(_ name: String, _ canFail: Bool) throws {
    var bench = Bench(driver: try #require(DriverVersion.named(name)))
    let enclave = bench.loaded()
    bench.machine.strike(.noMemory, at: .allocation(.crypto))
    let outcome = bench.initialize(enclave)
    #expect(outcome == (canFail ? .failure(.ENOMEM) : .success))
    #expect(bench.machine.environment.visits(of: .allocation(.crypto)) == (canFail ? 1 : 0))
  }

  @Test func v39AsksForNoReservedBits() throws {
    let found = outcome(try #require(DriverVersion.named("v39"))) { ($0.attributes, $0.attributeMask) = (.cet, .cet) }
    #expect(found == .success)
  }

  /// v37 wrote the registers only where its cache said so, and again after INVALID_EINITTOKEN.
  @Test(arguments: [("v39", 2), ("6.1.192", 1)] as [(String, UInt64)])
  func theCacheOfTheLaunchKeyIsDistrustedOnce(_ name: String, _ tries: UInt64) throws {
    var bench = Bench(driver: try #require(DriverVersion.named(name)))
    let enclave = bench.loaded()
    bench.machine.strike(.leafError(.SGX_INVALID_EINITTOKEN), at: .leaf(.EINIT))
    let outcome = bench.initialize(enclave)
    #expect(outcome == (tries == 2 ? .success : .failure(.EPERM)))
    #expect(bench.machine.environment.visits(of: .leaf(.EINIT)) == tries)
  }

  @Test func theHashOfTheSignersKeyIsInTheRegistersWhenEINITRuns() {
    var bench = Bench()
    let enclave = bench.loaded()
    var sigStruct = SigStruct()
    sigStruct[offset: 128] = 7
    #expect(bench.machine.processor.launchKeyHash != sigStruct.signer)
    let outcome = bench.initialize(enclave) { $0.sigStruct = sigStruct }
    #expect(outcome == .success)
    #expect(bench.machine.processor.launchKeyHash == sigStruct.signer)
  }
}
