import ScenarioLanguage

/// The files that tell editors what scenarios may say: LuaLS (the Lua language server) and luacheck.
enum EditorFiles {
  struct File {
    /// Beneath the folder of the scenarios.
    let path: String
    let bytes: [UInt8]
  }

  /// Where the definitions go.
  static let folders = [".sgxbench", ".sgxbench/meta"]

  /// Every file, in the order in which they are written.
  static var all: [File] {
    [
      File(path: ".luarc.json", bytes: PackageResources.luarc_json),
      File(path: ".luacheckrc", bytes: standard),
    ]
      + definitions.map { File(path: ".sgxbench/meta/\($0.name)", bytes: $0.bytes) }
  }

  /// What luacheck is told: the words of scenarios, and what of Lua there is.
  static var standard: [UInt8] {
    var words = ""
    for word in API.words { words += "\"\(word.name)\", " }
    return Array(String(decoding: PackageResources.luacheckrc_lua, as: UTF8.self).replacing("--[[words]]", with: words.dropLast()).utf8)
  }

  /// The definitions of LuaLS, a file a subject.
  static var definitions: [(name: String, bytes: [UInt8])] {
    let made = DefinitionText.files().map { (name: $0.name, bytes: Array($0.text.utf8)) }
    return (made + [
      ("base.lua", PackageResources.base_lua), ("shapes.lua", PackageResources.shapes_lua), ("names.lua", Array(NamesFile.text.utf8)),
      ("scenario.lua", PackageResources.scenario_lua),
    ]).sorted { $0.name < $1.name }
  }
}
