import Foundation
import Testing

@testable import SGXDriver

/// The table of driver versions, and what a name means.
@Suite("The table of driver versions") struct DriverTableTests {
  @Test func everySwitchHasOneRowAndEveryRowItsSwitch() {
    let switches = Mirror(reflecting: DriverVersion.v6_1_192).children.compactMap { $0.value is Bool ? $0.label : nil }
    #expect(switches == DriverBehaviour.all.map(\.name), "in the same order")
    for behaviour in DriverBehaviour.all {
      var version = DriverVersion.v6_1_192
      version[keyPath: behaviour.path].toggle()
      let changed = zip(Mirror(reflecting: version).children, Mirror(reflecting: DriverVersion.v6_1_192).children)
        .filter { ($0.value as? Bool) != ($1.value as? Bool) }.compactMap { $0.0.label }
      #expect(changed == [behaviour.name], "the row's path is its name's")
      #expect(version.switched.map(\.name) == [behaviour.name])
      #expect(DriverBehaviour.named(behaviour.name)?.sentence == behaviour.sentence)
    }
  }

  @Test(arguments: DriverBehaviour.all.map(\.fact.name) + DriverFact.unread.map(\.name))
  func aRowSaysWhatFromWhereAndDiffersSomewhere(_ name: String) throws {
    let fact = try #require(DriverBehaviour.named(name)?.fact ?? DriverFact.unread(named: name))
    #expect(fact.sentence.hasSuffix("."))
    #expect(fact.source.contains(#/v3[79] \d+\/24|\.[ch], |no Linux/#), "a file and a function, or a patch")
    let values = Set(DriverRelease.known.map { fact.value(in: $0) })
    #expect(values.count == 2, "a behaviour that every driver shares tells none apart")
    #expect(!(fact.sentence + fact.source).unicodeScalars.contains { $0.value < 32 || $0 == "|" })
    for change in [fact.since, fact.until].compactMap(\.self) {
      #expect(change.backPorts.allSatisfy { $0 < change.mainline && $0 >= DriverRelease.first && $0.patch > 0 }, "back, to a stable release")
      #expect(change.backPorts == change.backPorts.sorted())
    }
  }

  /// What nothing asks for has no switch; what has one is asked for, which `BehaviourTests` shows.
  @Test func whatNothingAsksForHasNoSwitch() {
    let names = Set(DriverFact.unread.map(\.name))
    #expect(!names.isEmpty)
    #expect(names.isDisjoint(with: DriverBehaviour.all.map(\.name)))
    #expect(names.allSatisfy { DriverBehaviour.named($0) == nil })
  }

  @Test func versionsHaveTheBehavioursOfTheirRow() {
    #expect(DriverVersion.all.map(\.release) == DriverRelease.known)
    for release in DriverRelease.known {
      let version = DriverVersion(release)
      for behaviour in DriverBehaviour.all { #expect(version[keyPath: behaviour.path] == behaviour.value(in: release)) }
      #expect(version.label == release.name)
      #expect(version.switched.isEmpty)
      #expect(version.conflict == nil)
    }
  }

  /// Every mainline release at which something changes stands for itself, and nothing changes at any other.
  @Test func theKnownReleasesAreThoseThatDiffer() {
    #expect(
      DriverRelease.known.map(\.name) == [
        "v39", "5.11", "5.13", "5.17", "6.0", "6.1", "6.1.192", "6.2", "6.6", "6.12", "6.12.107", "6.14", "6.16", "6.19", "7.2.13", "reviewed",
      ])
    let mainline = (11...19).map { KernelVersion(5, $0) } + (0...19).map { KernelVersion(6, $0) } + [KernelVersion(7, 0), .init(7, 1)]
    for (older, newer) in zip(mainline, mainline.dropFirst()) {
      let differ = DriverBehaviour.all.contains { $0.value(in: .linux(older)) != $0.value(in: .linux(newer)) }
      #expect(differ == DriverRelease.known.contains(.linux(newer)), "\(older.text) and \(newer.text)")
    }
  }

  /// Facts that stand in the sources by release number, said a second time: the first release with it, or the first without.
  @Test(arguments: [
    ("capsAddPages", "v39", "5.11"), ("createReturnsLeafResult", "v39", "5.11"), ("initFaultDestroys", "v39", "5.11"),
    ("rangeCheckWraps", "6.0.9", "6.0.10"), ("rangeCheckWraps", "5.15.80", "5.15.81"), ("rangeCheckWraps", "5.19.17", "6.1"),
    ("createChecksSizeIsPowerOfTwo", "6.14", "6.13"), ("createChecksSizeIsPowerOfTwo", "6.1.131", "6.1.130"),
    ("createChecksSizeIsPowerOfTwo", "6.12.19", "6.12.18"), ("createChecksSizeIsPowerOfTwo", "6.13.7", "6.13.6"),
    ("createChecksSizeIsPowerOfTwo", "7.2.13", "6.11.11"), ("updatesSVNAtOpen", "6.19", "6.18"), ("keyHashCanFail", "6.15.11", "6.16"),
    ("loopsWhereNodeHasNoEPC", "6.1.112", "6.1.113"), ("loopsWhereNodeHasNoEPC", "6.11.1", "6.11.2"),
    ("loopsWhereNodeHasNoEPC", "6.9.12", "6.12"), ("loopsWhereNodeHasNoEPC", "5.13", "5.12"), ("loopsWhereNodeHasNoEPC", "6.2", "6.13"),
    ("knowsAsyncExitNotify", "6.2", "6.1.192"), ("loadDropsBacking", "5.17", "5.16.14"), ("loadDropsBacking", "5.15.29", "5.15.28"),
    ("loadDropsBacking", "5.18", "5.16"), ("augmentLoadsSECS", "6.6", "6.5.5"), ("augmentLoadsSECS", "6.1.56", "6.1.55"),
    ("augmentLoadsSECS", "6.8", "6.4.16"), ("lowersChildCountAfterFailedExtend", "reviewed", "7.2.13"),
    ("createOverwritesAttributesMask", "5.11", "v39"), ("createOverwritesAttributesMask", "7.2.13", "reviewed"),
    ("mappingHoldsReference", "5.11", "v39"), ("leakWarningNamesOnlyTheLeaf", "5.12", "5.13"), ("hasSGX2Ioctls", "6.0", "5.19"),
  ])
  func oneReleaseHasItAndOneHasNot(_ name: String, _ with: String, _ without: String) throws {
    let behaviour = try #require(DriverBehaviour.named(name))
    #expect(try behaviour.value(in: DriverVersion.resolve(with).release), "\(with)")
    #expect(try !behaviour.value(in: DriverVersion.resolve(without).release), "\(without)")
  }

  @Test(arguments: [("hasPoisonList", "5.16", "5.15"), ("poisonStopsReclaim", "6.16", "6.14"), ("faultReturnsWhereEntryExists", "5.11", "5.12")])
  func whatNothingAsksForIsDatedToo(_ name: String, _ with: String, _ without: String) throws {
    let fact = try #require(DriverFact.unread(named: name))
    #expect(try fact.value(in: DriverVersion.resolve(with).release))
    #expect(try !fact.value(in: DriverVersion.resolve(without).release))
  }

  /// 11.3: the two recorded older kernels agree on everything recorded; attribute bit 10 and the endless search were not compared.
  @Test func theRecordedKernelsDifferOnlyWhereNothingWasCompared() throws {
    let (old, new) = (DriverVersion.v6_1_192, try DriverVersion.resolve("6.12.107"))
    let differing = DriverBehaviour.all.filter { old[keyPath: $0.path] != new[keyPath: $0.path] }.map(\.name)
    #expect(differing == ["knowsAsyncExitNotify"])
    let newest = DriverBehaviour.all.filter { $0.value(in: .linux(.init(6, 19))) != $0.value(in: .linux(.init(7, 2, 13))) }
    #expect(newest.isEmpty)
  }

  @Test(arguments: [
    ("v39", "v39"), ("5.11", "5.11"), ("5.12", "5.12"), ("6.5", "6.5"), ("v6.5", "6.5"), ("6.1.0", "6.1"), ("v6.1.192", "6.1.192"),
    ("6.1.193", "6.1.193"), ("6.10", "6.10"), ("7.2", "7.2"), ("7.2.13", "7.2.13"), ("7.2.14", "7.2.14 (newer than 7.2.13, the newest known)"),
    ("7.3", "7.3 (newer than 7.2.13, the newest known)"), ("4294967295.0.1", "4294967295.0.1 (newer than 7.2.13, the newest known)"),
    ("reviewed", "reviewed"), ("6.1.192+capsAddPages-reclaims", "6.1.192+capsAddPages-reclaims"),
    ("reviewed-refusesUnknownAddFlags", "reviewed-refusesUnknownAddFlags"), ("6.1.192+reclaims", "6.1.192"),
    ("6.1.192-reclaims+capsAddPages", "6.1.192+capsAddPages-reclaims"),
  ])
  func anyReleaseIsADriver(_ asked: String, _ label: String) throws {
    let version = try DriverVersion.resolve(asked)
    #expect(version.label == label)
    #expect(try DriverVersion.resolve(version.spelling) == version, "what a replay line says means the same again")
  }

  @Test func aReleaseNewerThanAllThatIsKnownIsTheNewest() throws {
    let (known, later) = (try DriverVersion.resolve("7.2.13"), try DriverVersion.resolve("8.0.3"))
    for behaviour in DriverBehaviour.all { #expect(known[keyPath: behaviour.path] == later[keyPath: behaviour.path]) }
    #expect(later.release.answering == known.release)
  }

  /// 6.1.193 belongs to the line of 6.1.192.
  @Test(arguments: [("6.1.193", "6.1.192"), ("6.12.200", "6.12.107"), ("6.13.12", "6.14"), ("5.16.20", "5.17"), ("6.6.100", "6.12.107")])
  func aStableReleaseHasWhatItsLineTookOver(_ asked: String, _ same: String) throws {
    let (asked, same) = (try DriverVersion.resolve(asked), try DriverVersion.resolve(same))
    for behaviour in DriverBehaviour.all { #expect(asked[keyPath: behaviour.path] == same[keyPath: behaviour.path], "\(behaviour.name)") }
  }

  @Test(arguments: [
    "", "v", "6", "6.", ".6", "6..1", "6.1.2.3", "6.01", "06.1", "6.1rc1", "6.1 ", " 6.1", "v40", "v37", "39", "vv6.5", "V6.5",
    "6.4294967296", "६.१", "reviewed2", "v39.1.x", "latest",
  ])
  func nonsenseIsRefusedWithTheNames(_ asked: String) {
    #expect(performing: { try DriverVersion.resolve(asked) }, throws: { error in
      let text = (error as? DriverVersion.UnknownName)?.text ?? ""
      return text.hasPrefix("no driver is called '\(asked)'") && text.contains("v39, 5.11, 5.13, 5.17") && text.contains("7.2.13, reviewed")
    })
  }

  @Test(arguments: ["5.10", "5.10.200", "5.0", "4.20", "2.6", "v5.9", "0.1"]) func beforeTheDriverThereIsNone(_ asked: String) {
    #expect(performing: { try DriverVersion.resolve(asked) }, throws: { error in
      (error as? DriverVersion.UnknownName)?.text.contains("has no SGX driver: the first is 5.11") == true
    })
  }

  @Test(arguments: [
    ("6.1-rc1", "no behaviour is called 'rc1'"), ("6.1+", "no behaviour is called ''"), ("6.1.192+capsAddPage", "no behaviour is called 'capsAddPage'"),
    ("6.1+reclaims-reclaims", "'reclaims' is switched twice"), ("6.1+hasPoisonList", "nothing asks for 'hasPoisonList' yet"),
    ("+6.1", "no driver is called '+6.1'"), ("6.-1", "no driver is called '6.-1'"), ("-reclaims", "no driver is called '-reclaims'"),
  ])
  func wrongSwitchesAreRefused(_ asked: String, _ text: String) {
    let error = #expect(throws: DriverVersion.UnknownName.self) { try DriverVersion.resolve(asked) }
    #expect(error?.text.contains(text) == true, "\(error?.text ?? "")")
  }

  @Test func aLabelNamesWhatWasSwitched() throws {
    var version = try DriverVersion.resolve("6.5")
    version.capsAddPages = true
    version.augmentsOnFault = false
    #expect(version.label == "6.5+capsAddPages-augmentsOnFault")
    #expect(version.switched.map(\.name) == ["capsAddPages", "augmentsOnFault"])
  }
}
