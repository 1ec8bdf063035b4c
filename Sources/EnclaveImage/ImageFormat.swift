/// The formats that can be read.
public enum ImageFormat: String, CaseIterable, Hashable, Sendable {
  case intelSDK = "Intel SDK ELF"
  case openEnclave = "Open Enclave ELF"
  case sgxs = "SGXS"
  case esgxs = "ESGXS"
  case selftestELF = "kernel selftest ELF"
  case flat = "kernel selftest flat image"
  case windowsPE = "Intel SDK PE"
}
