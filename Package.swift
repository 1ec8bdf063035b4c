// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "sgxbench-lua",
  products: [.library(name: "LuaHost", targets: ["LuaHost"])],
  targets: [
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .target(name: "CLuaHost", dependencies: ["CLua"], linkerSettings: [.linkedLibrary("m")]),
    .target(name: "LuaHost", dependencies: ["CLuaHost"]),
    .testTarget(name: "LuaHostTests", dependencies: ["LuaHost"]),
  ],
  swiftLanguageModes: [.v6]
)
