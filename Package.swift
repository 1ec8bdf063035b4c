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
    // For other languages: libsgxbench-c.so and Sources/CSGXBench/include/sgxbench.h. The program has the plain name already.
    .library(name: "sgxbench-c", type: .dynamic, targets: ["SGXBenchLibrary"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/attaswift/BigInt", exact: "6.0.1"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
  ],
  targets: [
    .target(name: "CPageCipher"),
    .target(name: "CPrefetch"),
    .target(
      name: "SGXArchitecture",
      dependencies: [
        "CPageCipher", "CPrefetch", .product(name: "Crypto", package: "swift-crypto"), .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "BigInt", package: "BigInt"), .product(name: "SwiftASN1", package: "swift-asn1"),
      ]),
    .target(name: "EnclaveImage", dependencies: ["SGXArchitecture"]),
    .target(name: "CBrokenLaw"),
    .target(name: "Simulation", dependencies: ["CBrokenLaw", "SGXArchitecture"]),
    .target(name: "SGXProcessor", dependencies: ["Simulation", "SGXArchitecture"]),
    .target(name: "LinuxKernel", dependencies: ["Simulation", "SGXArchitecture"]),
    .target(name: "SGXDriver", dependencies: ["LinuxKernel", "SGXProcessor", "Simulation", "SGXArchitecture"]),
    .target(
      name: "Testbench", dependencies: ["LinuxKernel", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"]),

    // Under the command only: no library product depends on it.
    .target(name: "CBreakdown"),
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .target(name: "CLuaHost", dependencies: ["CLua"], linkerSettings: [.linkedLibrary("m")]),
    .target(name: "LuaHost", dependencies: ["CLuaHost"]),

    // Under the prompt only: no library product depends on it.
    .systemLibrary(name: "CEdit", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    // What libedit stands on is named too, because a static library does not say it.
    .target(
      name: "CLineEditor", dependencies: ["CEdit"],
      linkerSettings: [.linkedLibrary("tinfo"), .linkedLibrary("bsd"), .linkedLibrary("md")]),

    .target(
      name: "ScenarioLanguage",
      dependencies: ["EnclaveImage", "LuaHost", "Testbench", "LinuxKernel", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"],
      resources: [
        .embedInCode("Prelude/prelude.lua"), .embedInCode("Prelude/runner.lua"), .embedInCode("Prelude/words.lua"),
        .embedInCode("Prelude/checks.lua"), .embedInCode("Prelude/declarations.lua"),
        .embedInCode("Prelude/sgx.lua"), .embedInCode("Prelude/show.lua"),
        .embedInCode("Prelude/tasks.lua"), .embedInCode("Prelude/later.lua"), .embedInCode("Prelude/images.lua"),
        .embedInCode("Prelude/loaders.lua"), .embedInCode("Prelude/interactive.lua"),
      ]),
    // Which sources a program is of. The build makes SourceTreeDigest's file by Scripts/dev/digest.sh at each change of a source; nobody imports
    // it, so that nothing else is compiled again. CSourceTree declares what is in it.
    .plugin(name: "SourceTreePlugin", capability: .buildTool(), path: "Sources/SourceTreePlugin"),
    .target(name: "SourceTreeDigest", plugins: ["SourceTreePlugin"]),
    .target(name: "CSourceTree"),
    // Headers alone, by Debian's libkainjow-mustache-dev.
    .target(name: "CTemplate"),
    .target(
      name: "BenchReport",
      dependencies: [
        "ScenarioLanguage", "Testbench", "LinuxKernel", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture", "LuaHost", "CTemplate",
        "CSourceTree",
      ],
      resources: [
        .embedInCode("Templates/junit.mustache"), .embedInCode("Templates/page.mustache"), .embedInCode("Templates/test.mustache"),
        .embedInCode("Templates/machine.mustache"), .embedInCode("Templates/report.css"), .embedInCode("Templates/report.js"),
      ]),
    .target(
      name: "BenchCommands",
      dependencies: [
        "BenchReport", "ScenarioLanguage", "Testbench", "EnclaveImage", "LinuxKernel", "SGXDriver", "SGXProcessor", "Simulation",
        "SGXArchitecture", "LuaHost", "CBreakdown", "CLineEditor", "CPrefetch",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      resources: [
        .embedInCode("Editor/base.lua"), .embedInCode("Editor/shapes.lua"), .embedInCode("Editor/scenario.lua"),
        .embedInCode("Editor/luarc.json"), .embedInCode("Editor/luacheckrc.lua"), .embedInCode("Sharing/template.lua"),
      ]),
    .executableTarget(name: "sgxbench", dependencies: ["BenchCommands", "SourceTreeDigest"]),
    .target(name: "CSGXBench"),
    .target(
      name: "SGXBenchLibrary",
      dependencies: [
        "CSGXBench", "BenchReport", "ScenarioLanguage", "LuaHost", "Testbench", "LinuxKernel", "SGXDriver", "SGXProcessor", "Simulation",
        "SGXArchitecture", "SourceTreeDigest",
      ]),
    .executableTarget(
      name: "sgxbench-bench",
      dependencies: [
        "EnclaveImage", "ScenarioLanguage", "Testbench", "LinuxKernel", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),

    .target(
      name: "TestSupport", dependencies: ["SGXProcessor", "Simulation", "SGXArchitecture"], path: "Tests/TestSupport"),
    // What Docs/Embedding.md shows, and what measures it. Without package access: they see what an embedding program sees.
    .executableTarget(
      name: "EmbeddingExample", dependencies: ["ScenarioLanguage", "Testbench"], path: "Tests/EmbeddingExample", packageAccess: false),
    .executableTarget(
      name: "EmbeddingStress", dependencies: ["ScenarioLanguage", "Testbench"], path: "Tests/EmbeddingStress", packageAccess: false),
    // The generator of random histories, and the program that makes them by the million (Scripts/dev/histories).
    .target(
      name: "Histories", dependencies: ["Testbench", "LinuxKernel", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"],
      path: "Tests/Histories"),
    .executableTarget(
      name: "random-histories", dependencies: ["Histories", "SGXDriver", "Testbench"], path: "Tests/RandomHistories"),
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
    .testTarget(name: "LinuxKernelTests", dependencies: ["LinuxKernel", "Simulation", "SGXArchitecture"]),
    .testTarget(
      name: "SGXDriverTests",
      dependencies: ["Testbench", "LinuxKernel", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"]),
    .testTarget(
      name: "TestbenchTests",
      dependencies: ["Histories", "Testbench", "LinuxKernel", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"]),
    .testTarget(
      name: "ScenarioLanguageTests",
      dependencies: [
        "ImageWriters", "EnclaveImage", "ScenarioLanguage", "LuaHost", "Testbench", "LinuxKernel", "SGXDriver", "SGXProcessor", "Simulation",
        "SGXArchitecture",
      ]),
    // The executable is a dependency so that it is there: these tests run the real program.
    .testTarget(
      name: "BenchCommandsTests",
      dependencies: [
        "BenchCommands", "BenchReport", "ScenarioLanguage", "LinuxKernel", "SGXDriver", "LuaHost", "Simulation", "sgxbench", "TestSupport", "ImageWriters",
        "EnclaveImage", "SGXArchitecture", "SourceTreeDigest",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// Targets without a main function would break every other build, so that they are there only when asked for: Scripts/dev/fuzz.
if Context.environment["FUZZ"] != nil {
  package.targets += [
    .executableTarget(
      name: "fuzz-images", dependencies: ["ImageWriters", "EnclaveImage", "SGXArchitecture"], path: "Tests/FuzzImages",
      swiftSettings: [.unsafeFlags(["-parse-as-library"])]),
    .executableTarget(
      name: "fuzz-ioctls", dependencies: ["Testbench", "LinuxKernel", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"],
      path: "Tests/FuzzIoctls", swiftSettings: [.unsafeFlags(["-parse-as-library"])]),
    .executableTarget(
      name: "fuzz-reports", dependencies: ["BenchReport"], path: "Tests/FuzzReports",
      swiftSettings: [.unsafeFlags(["-parse-as-library"])]),
  ]
}
