import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation
import Testing

@testable import Testbench

/// A power cycle at every point of a measured load of four pages.
@Suite("Sweep") struct SweepTests {
  private func sweep(_ driver: DriverVersion, fault: Injection = .powerCycle(.s3)) -> (Sweep, Bench, FileDescriptor) {
    var bench = Bench(pages: 64, driver: driver)
    let descriptor = bench.enclave()
    var sweep = Sweep(fault: fault)
    sweep.run(bench.addCall(descriptor, count: 4), on: bench.machine)
    return (sweep, bench, descriptor)
  }

  @Test func itFindsTheLeakOfTheSECSByItself() {
    let (sweep, _, _) = sweep(.v6_1_192)
    let bad = sweep.points.filter { !$0.survived }
    let atExtend = sweep.points.filter { $0.site == .leaf(.EEXTEND) }
    #expect(atExtend.count == 64)
    #expect(atExtend.allSatisfy { !$0.survived })
    let elsewhere = bad.filter { $0.site != .leaf(.EEXTEND) }
    #expect(elsewhere.map(\.site) == [Site](repeating: .preemption, count: 4), "between EADD and the first EEXTEND")
    for point in bad {
      #expect(point.outcome == .failure(.EIO))
      #expect(point.leakedPages == 1)
      #expect(point.warnings == [.REL_SECS_CHILD, .REL_SECS_RESIDENT])
      #expect(Set(point.breaches.map(\.invariant)).isSuperset(of: [.childCount, .releaseComplete]))
      #expect(point.breaches.allSatisfy { $0.invariant.kind == .driver })
      #expect(point.loadsAgain)
    }
  }

  /// No driver loses anything by what strikes in INIT and PROVISION: nothing is taken there that could be lost.
  @Test(arguments: [
    Injection.powerCycle(.s3), .noMemory, .badAddress, .leafFault(.pageFault), .leafError(.SGX_INVALID_MEASUREMENT),
    .signal(SignalNumber(14)!), .signal(.kill),
  ], ["5.11", "6.1.192", "7.2.13", "reviewed"])
  func nothingIsLostInINITAndPROVISION(_ fault: Injection, _ driver: String) throws {
    var bench = Bench(pages: 64, driver: try #require(DriverVersion.named(driver)))
    let enclave = bench.loaded()
    let device = bench.provisionDevice()
    bench.machine.withProcess(bench.process) { $0.signals.setDisposition(.handler(restarts: false), of: SignalNumber(14)!) }
    bench.machine.strike(.leafError(.SGX_UNMASKED_EVENT), at: .leaf(.EINIT), times: 41)
    var sweep = Sweep(fault: fault)
    sweep.run(bench.initCall(enclave), on: bench.machine)
    sweep.run(bench.provisionCall(enclave, fd: device), on: bench.machine)
    #expect(sweep.points.count > (fault == .noMemory ? 0 : 1))
    for point in sweep.points {
      #expect(point.survived, "\(point.operation), visit \(point.visit), \(point.site.name): \(point.breaches) \(point.warnings)")
    }
  }

  @Test func itFindsNothingInTheReviewedDriver() {
    let (sweep, _, _) = sweep(.reviewed)
    #expect(sweep.points.count > 64)
    for point in sweep.points { #expect(point.survived, "visit \(point.visit), \(point.site.name): \(point.breaches) \(point.warnings)") }
  }

  @Test(arguments: [
    Injection.powerCycle(.s3), .noMemory, .badAddress, .leafFault(.generalProtection), .signal(SignalNumber(14)!),
  ])
  func everyVisitWhereItCanStrikeIsAPoint(_ fault: Injection) {
    let (sweep, bench, descriptor) = sweep(.reviewed, fault: fault)
    var plain = bench.machine
    let sites = Site.all.filter { fault.sites.contains($0) }
    let before = sites.map { plain.environment.visits(of: $0) }
    let first = plain.environment.visits
    _ = plain.call(bench.addCall(descriptor, count: 4))
    let visits = zip(sites, before).reduce(0) { $0 + plain.environment.visits(of: $1.0) - $1.1 }
    #expect(visits > 0)
    #expect(UInt64(sweep.points.count) == visits)
    #expect(sweep.points.map(\.visit) == sweep.points.map(\.visit).sorted())
    #expect(Set(sweep.points.map(\.visit)).count == sweep.points.count)
    #expect(sweep.points.allSatisfy { $0.visit > first && $0.visit <= plain.environment.visits })
  }

  @Test func theMachineItselfIsNotTouched() {
    var bench = Bench(pages: 64)
    let descriptor = bench.enclave()
    let before = bench.machine.logicalState
    let visits = bench.machine.environment.visits
    var sweep = Sweep(fault: .powerCycle(.s4))
    sweep.run(bench.addCall(descriptor, count: 2), on: bench.machine)
    #expect(bench.machine.logicalState == before)
    #expect(bench.machine.environment.visits == visits)
    let added = bench.add(descriptor, count: 2)
    #expect(added == .done(2))
  }

  @Test func everyCallOfALifeSurvivesOnTheReviewedDriver() {
    var bench = Bench(pages: 64, driver: .reviewed)
    let descriptor = bench.open()
    let life: [Testbench.Operation] = [
      bench.createCall(descriptor), bench.addCall(descriptor, count: 2), bench.closeCall(descriptor),
    ]
    for call in life {
      for fault in [Injection.powerCycle(.s3), .noMemory, .badAddress] {
        var sweep = Sweep(fault: fault)
        sweep.run(call, on: bench.machine)
        for point in sweep.points { #expect(point.survived, "\(point)") }
      }
      let done = bench.machine.call(call)
      #expect(done.outcome == .success)
    }
  }
}
