import CSGXBench
import LinuxKernel
import SGXArchitecture
import SGXDriver
import SGXProcessor
import Testbench

@c(sgxbench_machine_options_default) @implementation
public func sgxbench_machine_options_default() -> sgxbench_machine_options {
  var options = sgxbench_machine_options()
  options.size = MemoryLayout<sgxbench_machine_options>.size
  options.epc = 16 << 20
  options.seed = 1
  let settings = MemorySettings()
  options.mmap_min_addr = settings.lowestAddress.rawValue
  options.max_map_count = UInt32(settings.mappingsMax)
  options.enclave.mode = 0o660
  options.provision.mode = 0o660
  options.check = SGXBENCH_CHECK_EVERY_CALL
  return options
}

/// Why a machine cannot be made as it was asked for.
struct OptionsRefusal: Error {
  let status: sgxbench_status
  let text: String

  init(_ text: String, _ status: sgxbench_status = SGXBENCH_INVALID) {
    self.status = status
    self.text = text
  }
}

extension Machine {
  /// A machine as C has described it.
  init(_ options: sgxbench_machine_options) throws(OptionsRefusal) {
    guard options.size == MemoryLayout<sgxbench_machine_options>.size else {
      throw OptionsRefusal("the options are not those of this library: begin with sgxbench_machine_options_default")
    }
    var configuration = try MachineConfiguration(epcOf: options)
    if options.driver != nil {
      guard let name = SGXBenchLibrary.text(options.driver) else { throw OptionsRefusal("the driver's name is no UTF-8") }
      do throws(DriverVersion.UnknownName) { configuration.driver = try .resolve(name) } catch {
        throw OptionsRefusal(error.text, SGXBENCH_NAME)
      }
    }
    if options.processor != nil {
      let name = SGXBenchLibrary.text(options.processor)
      guard let profile = ProcessorProfile.named.first(where: { $0.name == name }) else {
        throw OptionsRefusal("no processor is called so (\(ProcessorProfile.named.map(\.name).joined(separator: ", ")))", SGXBENCH_NAME)
      }
      configuration.processor = profile
    }
    configuration.runsBackgroundReclaimer = !options.ksgxd_manual
    configuration.keepsWholeTrace = options.whole_trace
    switch options.check {
    case SGXBENCH_CHECK_EVERY_CALL: configuration.checks = .everyOperation
    case SGXBENCH_CHECK_EVERY_STEP: configuration.checks = .everyStep
    case SGXBENCH_CHECK_NEVER: configuration.checks = .never
    default: throw OptionsRefusal("check is one of sgxbench_check")
    }
    self.init(configuration)
    for (device, node) in [(Device.enclave, options.enclave), (.provision, options.provision)] { try describe(device, as: node) }
    devices.isNoexec = options.noexec
    memorySettings.lowestAddress = UserAddress(options.mmap_min_addr)
    memorySettings.mappingsMax = UInt64(options.max_map_count)
  }
  private mutating func describe(_ device: Device, as options: sgxbench_device_options) throws(OptionsRefusal) {
    guard options.mode <= 0o777 else { throw OptionsRefusal("a mode is 0 to 0777") }
    devices.nodes[device]?.mode = UInt16(options.mode)
    devices.nodes[device]?.user = options.user
    guard options.group != nil else { return }
    guard let group = SGXBenchLibrary.text(options.group) else { throw OptionsRefusal("the group's name is no UTF-8") }
    devices.nodes[device]?.group = group
  }
}

extension MachineConfiguration {
  /// Nodes of a machine: more than any driver version has sections for.
  private static let nodesMax = 512

  /// With EPC as C has described it, on one node or on several.
  fileprivate init(epcOf options: sgxbench_machine_options) throws(OptionsRefusal) {
    let pagesMax = UInt64(Self.pageCountMax)
    guard options.node_count > 0 else {
      guard options.epc > 0, options.epc % pageSize == 0, options.epc / pageSize <= pagesMax else {
        throw OptionsRefusal("epc is a multiple of 4096 from 4 KiB to 1 TiB")
      }
      self.init(pageCount: UInt32(options.epc / pageSize), seed: options.seed)
      return
    }
    guard options.node_count <= Self.nodesMax, let epc = options.node_epc else {
      throw OptionsRefusal("node_epc has 1 to \(Self.nodesMax) nodes")
    }
    let sizes = Array(UnsafeBufferPointer(start: epc, count: options.node_count))
    guard sizes.allSatisfy({ $0 % pageSize == 0 && $0 / pageSize <= pagesMax }) else {
      throw OptionsRefusal("the EPC of a node is a multiple of 4096 up to 1 TiB")
    }
    let pages = sizes.reduce(0) { $0 + $1 / pageSize }
    guard (1...pagesMax).contains(pages) else { throw OptionsRefusal("all nodes together have 4 KiB to 1 TiB of EPC") }
    self.init(pageCount: 1, seed: options.seed)
    setSections(
      sizes.enumerated().filter { $0.element > 0 }.map { EPCSection(pageCount: UInt32($0.element / pageSize), node: $0.offset) },
      nodes: sizes.count)
  }
}
