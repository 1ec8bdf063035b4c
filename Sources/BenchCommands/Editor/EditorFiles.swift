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
      File(path: ".luacheckrc", bytes: PackageResources.luacheckrc_lua),
    ]
      + definitions.map { File(path: ".sgxbench/meta/\($0.name)", bytes: $0.bytes) }
  }

  /// The definitions of LuaLS, a file a subject.
  static var definitions: [(name: String, bytes: [UInt8])] {
    [
      ("base.lua", PackageResources.base_lua), ("enclave.lua", PackageResources.enclave_lua), ("image.lua", PackageResources.image_lua),
      ("machine.lua", PackageResources.machine_lua), ("names.lua", Array(NamesFile.text.utf8)),
      ("process.lua", PackageResources.process_lua), ("scenario.lua", PackageResources.scenario_lua), ("sgx.lua", PackageResources.sgx_lua),
    ]
  }
}
