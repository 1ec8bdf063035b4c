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
  options.enclave_mode = 0o660
  options.provision_mode = 0o660
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
    let pages = options.epc / pageSize
    guard options.epc > 0, options.epc % pageSize == 0, pages <= UInt64(MachineConfiguration.pageCountMax) else {
      throw OptionsRefusal("epc is a multiple of 4096 from 4 KiB to 1 TiB")
    }
    var configuration = MachineConfiguration(pageCount: UInt32(pages), seed: options.seed)
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
    guard options.enclave_mode <= 0o777, options.provision_mode <= 0o777 else { throw OptionsRefusal("a mode is 0 to 0777") }
    self.init(configuration)
    devices.nodes[.enclave]?.mode = UInt16(options.enclave_mode)
    devices.nodes[.provision]?.mode = UInt16(options.provision_mode)
    devices.isNoexec = options.noexec
    memorySettings.lowestAddress = UserAddress(options.mmap_min_addr)
    memorySettings.mappingsMax = UInt64(options.max_map_count)
  }
}
