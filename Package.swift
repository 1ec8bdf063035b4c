// swift-tools-version: 6.0
import PackageDescription

// Arrows point down only; Docs/Architecture.md draws them. Modules below Testbench are internal:
// no product names them, so what they mark `public` is for the page path, not for embedders.
let package = Package(
  name: "sgxbench",
  products: [
    .executable(name: "sgxbench", targets: ["sgxbench"]),
    .executable(name: "sgxbench-bench", targets: ["sgxbench-bench"]),
    .library(name: "Testbench", targets: ["Testbench"]),
    .library(name: "ScenarioLanguage", targets: ["ScenarioLanguage"]),
    .library(name: "EnclaveImage", targets: ["EnclaveImage"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/attaswift/BigInt", exact: "6.0.1"),
  ],
  targets: [
    .target(name: "CPageCipher"),
    .target(name: "CPrefetch"),
    .target(
      name: "SGXArchitecture",
      dependencies: [
        "CPageCipher", "CPrefetch", .product(name: "Crypto", package: "swift-crypto"), .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "BigInt", package: "BigInt"),
      ]),
    .target(name: "EnclaveImage", dependencies: ["SGXArchitecture"]),
    .target(name: "Simulation", dependencies: ["SGXArchitecture"]),
    .target(name: "SGXProcessor", dependencies: ["Simulation", "SGXArchitecture"]),
    .target(name: "SGXDriver", dependencies: ["SGXProcessor", "Simulation", "SGXArchitecture"]),
    .target(
      name: "Testbench", dependencies: ["SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"]),

    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .target(name: "CLuaHost", dependencies: ["CLua"], linkerSettings: [.linkedLibrary("m")]),
    .target(name: "LuaHost", dependencies: ["CLuaHost"]),

    .target(
      name: "ScenarioLanguage",
      dependencies: ["EnclaveImage", "LuaHost", "Testbench", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"],
      resources: [
        .embedInCode("Prelude/prelude.lua"), .embedInCode("Prelude/words.lua"), .embedInCode("Prelude/sgx.lua"), .embedInCode("Prelude/launch.lua"), .embedInCode("Prelude/memory.lua"),
        .embedInCode("Prelude/tasks.lua"), .embedInCode("Prelude/later.lua"), .embedInCode("Prelude/images.lua"),
        .embedInCode("Prelude/loaders.lua"),
      ]),
    .target(name: "BenchReport", dependencies: ["ScenarioLanguage", "Testbench", "SGXDriver", "LuaHost"]),
    .target(
      name: "BenchCommands",
      dependencies: [
        "BenchReport", "ScenarioLanguage", "Testbench", "EnclaveImage", "SGXArchitecture", "LuaHost",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "sgxbench", dependencies: ["BenchCommands"]),
    .executableTarget(
      name: "sgxbench-bench",
      dependencies: [
        "EnclaveImage", "ScenarioLanguage", "Testbench", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),

    .target(
      name: "TestSupport", dependencies: ["SGXProcessor", "Simulation", "SGXArchitecture"], path: "Tests/TestSupport"),
    .testTarget(
      name: "SGXArchitectureTests",
      dependencies: [
        "TestSupport", "Simulation", "SGXArchitecture", .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "BigInt", package: "BigInt"),
      ]),
    .testTarget(name: "SimulationTests", dependencies: ["Simulation", "SGXArchitecture"]),
    .testTarget(
      name: "SGXProcessorTests", dependencies: ["TestSupport", "SGXProcessor", "Simulation", "SGXArchitecture"]),
    .target(name: "ImageWriters", dependencies: ["SGXArchitecture"], path: "Tests/ImageWriters"),
    .testTarget(name: "EnclaveImageTests", dependencies: ["ImageWriters", "EnclaveImage", "SGXArchitecture"]),
    .testTarget(name: "LuaHostTests", dependencies: ["LuaHost"]),
    .testTarget(
      name: "SGXDriverTests",
      dependencies: ["Testbench", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"]),
    .testTarget(
      name: "TestbenchTests",
      dependencies: ["Testbench", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"]),
    .testTarget(
      name: "ScenarioLanguageTests",
      dependencies: [
        "ImageWriters", "EnclaveImage", "ScenarioLanguage", "LuaHost", "Testbench", "SGXDriver", "SGXProcessor", "Simulation",
        "SGXArchitecture",
      ]),
    // The executable is a dependency so that it is there: these tests run the real program.
    .testTarget(
      name: "BenchCommandsTests",
      dependencies: [
        "BenchCommands", "BenchReport", "ScenarioLanguage", "SGXDriver", "LuaHost", "sgxbench", "TestSupport", "ImageWriters",
        "EnclaveImage", "SGXArchitecture",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// A target without a main function would break every other build, so that it is there only when asked for: Scripts/dev/fuzz.
if Context.environment["FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz-images", dependencies: ["ImageWriters", "EnclaveImage", "SGXArchitecture"], path: "Tests/FuzzImages",
      swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}
