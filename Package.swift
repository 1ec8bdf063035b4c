// swift-tools-version: 6.0
import PackageDescription

// Arrows point down only; Docs/Architecture.md draws them. Modules below Testbench are internal:
// no product names them, so what they mark `public` is for the page path, not for embedders.
let package = Package(
  name: "sgxbench",
  products: [
    .library(name: "Testbench", targets: ["Testbench"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
  ],
  targets: [
    .target(
      name: "SGXArchitecture",
      dependencies: [.product(name: "Crypto", package: "swift-crypto")]),
    .target(name: "Simulation", dependencies: ["SGXArchitecture"]),
    .target(name: "SGXProcessor", dependencies: ["Simulation", "SGXArchitecture"]),
    .target(name: "SGXDriver", dependencies: ["SGXProcessor", "Simulation", "SGXArchitecture"]),
    .target(
      name: "Testbench", dependencies: ["SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"]),
    .testTarget(
      name: "SGXDriverTests",
      dependencies: ["Testbench", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"]),
    .testTarget(
      name: "TestbenchTests",
      dependencies: ["Testbench", "SGXDriver", "SGXProcessor", "Simulation", "SGXArchitecture"]),
  ]
)
