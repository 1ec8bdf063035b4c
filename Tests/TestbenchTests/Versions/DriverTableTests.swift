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

  @Test(arguments: DriverBehaviour.all.map(\.name)) func aRowSaysWhatFromWhereAndDiffersSomewhere(_ name: String) throws {
    let behaviour = try #require(DriverBehaviour.named(name))
    #expect(behaviour.sentence.hasSuffix("."))
    #expect(behaviour.source.contains(#/v3[79] \d+\/24|\.[ch], |no Linux/#), "a file and a function, or a patch")
    let values = Set(DriverRelease.allCases.map { behaviour.value(in: $0) })
    #expect(values.count == 2, "a behaviour that every version shares tells none apart")
    #expect(!(behaviour.sentence + behaviour.source).unicodeScalars.contains { $0.value < 32 || $0 == "|" })
  }

  @Test func versionsHaveTheBehavioursOfTheirRow() {
    #expect(DriverVersion.all.map(\.name) == DriverRelease.allCases.map(\.name))
    for release in DriverRelease.allCases {
      let version = DriverVersion(release)
      for behaviour in DriverBehaviour.all { #expect(version[keyPath: behaviour.path] == behaviour.value(in: release)) }
      #expect(version.label == release.name)
      #expect(version.switched.isEmpty)
    }
  }

  /// Facts that stand in the sources by release number, said a second time.
  @Test(arguments: [
    ("capsAddPages", ["v39"]), ("createReturnsLeafResult", ["v39"]), ("initFaultDestroys", ["v39"]),
    ("rangeCheckWraps", ["v39", "5.11", "5.13", "6.0"]),
    ("createChecksSizeIsPowerOfTwo", ["6.1.192", "6.12.107", "6.14", "6.17", "6.19", "7.2.13", "reviewed"]),
    ("updatesSVNAtOpen", ["6.19", "7.2.13", "reviewed"]),
    ("keyHashCanFail", ["v39", "5.11", "5.13", "6.0", "6.1", "6.1.192", "6.2", "6.12.107", "6.14"]),
    ("loopsWhereNodeHasNoEPC", ["5.13", "6.0", "6.1", "6.2"]),
    ("knowsAsyncExitNotify", ["6.2", "6.12.107", "6.14", "6.17", "6.19", "7.2.13", "reviewed"]),
    ("poisonStopsReclaim", ["6.1.192", "6.12.107", "6.17", "6.19", "7.2.13", "reviewed"]),
    ("lowersChildCountAfterFailedExtend", ["reviewed"]),
    ("createOverwritesAttributesMask", ["5.11", "5.13", "6.0", "6.1", "6.1.192", "6.2", "6.12.107", "6.14", "6.17", "6.19", "7.2.13"]),
  ] as [(String, [String])])
  func theReleasesThatHaveIt(_ name: String, _ releases: [String]) throws {
    let behaviour = try #require(DriverBehaviour.named(name))
    #expect(DriverRelease.allCases.filter { behaviour.value(in: $0) }.map(\.name) == releases)
  }

  /// 11.3: the two recorded older kernels agree on everything recorded; attribute bit 10 and the endless search were not compared.
  @Test func theRecordedKernelsDifferOnlyWhereNothingWasCompared() {
    let (old, new) = (DriverVersion(.v6_1_192), DriverVersion(.v6_12_107))
    let differing = DriverBehaviour.all.filter { old[keyPath: $0.path] != new[keyPath: $0.path] }.map(\.name)
    #expect(differing == ["knowsAsyncExitNotify"])
    let newest = DriverBehaviour.all.filter { DriverVersion(.v6_19)[keyPath: $0.path] != DriverVersion(.v7_2_13)[keyPath: $0.path] }
    #expect(newest.isEmpty)
  }

  @Test(arguments: [
    ("v39", "v39", "v39"), ("5.11", "5.11", "5.11"), ("5.12", "5.11", "5.12 (as 5.11)"), ("5.19", "5.13", "5.19 (as 5.13)"),
    ("6.0", "6.0", "6.0"), ("6.5", "6.2", "6.5 (as 6.2)"), ("v6.5", "6.2", "6.5 (as 6.2)"), ("v6.2", "6.2", "6.2"),
    ("6.1.192", "6.1.192", "6.1.192"), ("v6.1.192", "6.1.192", "6.1.192"), ("6.1.193", "6.1", "6.1.193 (as 6.1)"),
    ("6.12.50", "6.2", "6.12.50 (as 6.2)"), ("6.9", "6.2", "6.9 (as 6.2)"), ("6.10", "6.2", "6.10 (as 6.2)"),
    ("6.18", "6.17", "6.18 (as 6.17)"), ("7.2", "6.19", "7.2 (as 6.19)"), ("11.0", "6.19", "11.0 (as 6.19)"),
    ("4294967295.0.1", "6.19", "4294967295.0.1 (as 6.19)"), ("reviewed", "reviewed", "reviewed"),
  ])
  func aReleaseMeansTheNearestOlderMainlineOne(_ asked: String, _ name: String, _ label: String) throws {
    let version = try DriverVersion.resolve(asked)
    #expect(version.name == name)
    #expect(version.label == label)
    #expect(version.switched.isEmpty)
  }

  @Test(arguments: [
    "", "v", "6", "6.", ".6", "6..1", "6.1.2.3", "6.1-rc1", "6.01", "06.1", "+6.1", "6.-1", "6.1 ", " 6.1", "v40", "v37", "39", "vv6.5", "V6.5",
    "6.4294967296", "६.१", "reviewed2", "v39.1.x", "latest",
  ])
  func nonsenseIsRefusedWithTheNames(_ asked: String) {
    #expect(performing: { try DriverVersion.resolve(asked) }, throws: { error in
      let text = (error as? DriverVersion.UnknownName)?.text ?? ""
      return text.hasPrefix("no driver is called '\(asked)'") && text.contains("v39, 5.11, 5.13") && text.contains("7.2.13, reviewed")
    })
  }

  @Test(arguments: ["5.10", "5.10.200", "5.0", "4.20", "2.6", "v5.9", "0.1"]) func beforeTheDriverThereIsNone(_ asked: String) {
    #expect(performing: { try DriverVersion.resolve(asked) }, throws: { error in
      (error as? DriverVersion.UnknownName)?.text.contains("has no SGX driver: the first is 5.11") == true
    })
  }

  @Test func aLabelNamesWhatWasSwitched() throws {
    var version = try DriverVersion.resolve("6.5")
    version.capsAddPages = true
    version.hasVersionArrays = false
    #expect(version.label == "6.5 (as 6.2) with capsAddPages = true, hasVersionArrays = false")
  }
}
