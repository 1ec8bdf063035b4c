import EnclaveImage
import LinuxKernel
import ScenarioLanguage
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Simulation

/// The definitions of names that the bench has in tables of its own: driver versions, sites, faults, signals, errnos.
enum NamesFile {
  /// Names of faults at `machine:inject` and `--inject`.
  static let faults = FaultText.faults.map(\.word)

  static var text: String {
    var text = """
      ---@meta _
      -- Names that the bench knows.

      """
    func alias(_ name: String, _ values: [String]) {
      text += "\n---@alias sgx.\(name)\n"
      for value in values { text += "---| \"\(value)\"\n" }
    }
    alias("DriverName", DriverVersion.all.map(\.name))
    alias("ProcessorName", ProcessorProfile.named.map(\.name))
    alias("PageType", PageType.allCases.map(\.name))
    alias("ErrnoName", Errno.allCases.map(\.name))
    alias("LeafCode", LeafError.allCases.map(\.name))
    alias("SignalName", SignalNumber.allNames)
    alias("FaultName", faults)
    alias("PowerCycle", PowerCycleKind.allCases.map(\.rawValue))
    alias("SiteName", sites)
    alias("WarningSite", WarningSite.allCases.map(\.name))
    alias("FindingName", FindingName.all)
    text += "\n---What a driver does, by name; Docs/DriverVersions.md says which does what.\n---@class sgx.Behaviours\n"
    for behaviour in DriverBehaviour.all { text += "---@field \(behaviour.name)? boolean \(behaviour.sentence)\n" }
    return text
  }

  /// Families first, then every member.
  private static var sites: [String] {
    var families: [String] = []
    for site in Site.all {
      let family = String(site.name.prefix { $0 != ":" })
      if family != site.name, !families.contains(family) { families.append(family) }
    }
    return ["any"] + families + Site.all.map(\.name)
  }
}
