import SGXArchitecture
import SGXProcessor
import Simulation
import Testing

@testable import SGXDriver
@testable import Testbench

/// EUPDATESVN at open, from 6.19 on (linux-driver 6.8, 7.1 O3, 11.3).
@Suite("EUPDATESVN at open") struct UpdateSVNTests {
  private static let versions = ["6.19", "7.2.13", "reviewed"]

  private static func bench(_ name: String, _ profile: ProcessorProfile = .server) throws -> Bench {
    Bench(driver: try DriverVersion.resolve(name), processor: profile)
  }

  private static func open(_ bench: inout Bench) -> CallOutcome? { bench.machine.call(.open(OpenCall(process: bench.process))).outcome }

  private static func tries(_ bench: Bench) -> UInt64 { bench.machine.environment.visits(of: .leaf(.EUPDATESVN)) }

  @Test(arguments: DriverVersion.all.map(\.name)) func onlyTheFirstUserRunsIt(_ name: String) throws {
    var bench = try Self.bench(name)
    let runs: UInt64 = Self.versions.contains(name) ? 1 : 0
    let first = bench.open()
    #expect(Self.tries(bench) == runs)
    let second = bench.open()
    let closed = bench.close(first)
    #expect(closed == .success)
    let third = bench.open()
    #expect(Self.tries(bench) == runs, "somebody was there all along")
    for descriptor in [second, third] {
      let closed = bench.close(descriptor)
      #expect(closed == .success)
    }
    _ = bench.open()
    #expect(Self.tries(bench) == 2 * runs, "everybody had left")
    #expect(bench.warnings.isEmpty)
    #expect(bench.brokenLaws.isEmpty)
  }

  @Test func aProcessorWithoutTheLeafIsNotAsked() throws {
    var bench = try Self.bench("7.2.13", .client)
    let outcome = Self.open(&bench)
    #expect(outcome == .success)
    #expect(Self.tries(bench) == 0)
  }

  @Test func newMicrocodeIsTakenOverOnce() throws {
    var bench = try Self.bench("7.2.13")
    bench.machine.updateMicrocode()
    #expect(bench.machine.processor.securityVersion == 1)
    let descriptor = bench.open()
    #expect(bench.machine.processor.securityVersion == 2)
    bench.machine.updateMicrocode()
    _ = bench.open()
    #expect(bench.machine.processor.securityVersion == 2, "not while somebody uses SGX")
    _ = descriptor
  }

  /// Answers of the leaf and what open makes of each: 0 and 31 are well, 29 is tried again, all else is EIO with a warning.
  @Test(arguments: LeafError.allCases) func everyCode(_ code: LeafError) throws {
    var bench = try Self.bench("7.2.13")
    bench.machine.strike(.leafError(code), at: .leaf(.EUPDATESVN))
    let outcome = Self.open(&bench)
    switch code {
    case .SGX_NO_UPDATE:
      #expect(outcome == .success)
      #expect(Self.tries(bench) == 1)
    case .SGX_INSUFFICIENT_ENTROPY:
      #expect(outcome == .success)
      #expect(Self.tries(bench) == 2)
    default:
      #expect(outcome == .failure(.EIO))
      #expect(bench.machine.driver.log.warnings.map(\.text) == ["EUPDATESVN returned \(code.rawValue) (0x\(String(code.rawValue, radix: 16)))"])
    }
    let again = Self.open(&bench)
    #expect(again == .success)
  }

  @Test(arguments: InjectedFault.allCases) func everyFaultIsEIOAndWarnsOnce(_ fault: InjectedFault) throws {
    var bench = try Self.bench("7.2.13")
    bench.machine.strike(.leafFault(fault), at: .leaf(.EUPDATESVN), times: 2)
    for _ in 0..<2 {
      let outcome = Self.open(&bench)
      #expect(outcome == .failure(.EIO))
    }
    #expect(bench.warnings == [.EUPDATESVN], "#PF is no exception here")
    #expect(bench.machine.driver.openDescriptors(of: bench.process).isEmpty)
    #expect(bench.machine.driver.userCount == 0)
  }

  @Test(arguments: [(9, CallOutcome.success, 10), (10, .failure(.EAGAIN), 10)] as [(UInt64, CallOutcome, UInt64)])
  func tenTriesWithoutEntropyAreEAGAIN(_ times: UInt64, _ expected: CallOutcome, _ tries: UInt64) throws {
    var bench = try Self.bench("6.19")
    bench.machine.strike(.leafError(.SGX_INSUFFICIENT_ENTROPY), at: .leaf(.EUPDATESVN), times: times)
    let outcome = Self.open(&bench)
    #expect(outcome == expected)
    #expect(Self.tries(bench) == tries)
    #expect(bench.warnings.isEmpty)
  }

  /// An open that fails later gives the count back, so the next one is the first again.
  @Test(arguments: [AllocationKind.enclave, .srcu]) func anOpenThatFailsLaterIsNoUser(_ kind: AllocationKind) throws {
    var bench = try Self.bench("7.2.13")
    bench.machine.strike(.noMemory, at: .allocation(kind))
    let refused = Self.open(&bench)
    #expect(refused == .failure(.ENOMEM))
    #expect(bench.machine.driver.userCount == 0)
    let outcome = Self.open(&bench)
    #expect(outcome == .success)
    #expect(Self.tries(bench) == 2)
  }

  /// A page that was leaked while valid keeps the EPC from ever being empty: nobody can open the device until the next power cycle.
  @Test func aLeakedSECSClosesTheDevice() throws {
    var bench = try Self.bench("7.2.13")
    let enclave = bench.enclave()
    bench.machine.strike(.leafFault(.generalProtection), at: .leaf(.EEXTEND))
    _ = bench.add(enclave)
    _ = bench.close(enclave)
    #expect(bench.machine.processor.validPageCount == 1)
    let outcome = Self.open(&bench)
    #expect(outcome == .failure(.EIO))
    #expect(bench.warnings.last == .EUPDATESVN)
    bench.machine.powerCycle(.s3)
    let later = Self.open(&bench)
    #expect(later == .success)
  }

  @Test func pathsOfTheOtherKindDoNotExist() throws {
    for version in DriverVersion.all {
      for path in DevicePath.allCases {
        var bench = Bench(driver: version)
        let outcome = bench.machine.call(.open(OpenCall(process: bench.process, path: path))).outcome
        #expect(outcome == ((version.name == "v39") == (path == .directory) ? .success : .failure(.ENOENT)), "\(version.name) \(path)")
        #expect(bench.machine.driver.userCount == (outcome == .success && version.updatesSVNAtOpen ? 1 : 0))
      }
    }
  }
}
