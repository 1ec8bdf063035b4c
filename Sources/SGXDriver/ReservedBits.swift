import SGXArchitecture
import SGXProcessor

extension DriverVersion {
  /// Attributes that INIT allows without the provisioning right (sgx.h, SGX_ATTR_UNPRIV_MASK).
  var unprivilegedAttributes: AttributeFlags {
    knowsAsyncExitNotify ? [.debug, .mode64Bit, .kss, .aexNotify] : [.debug, .mode64Bit, .kss]
  }
}

/// Bits the driver takes for reserved: those CPUID does not offer, and those it does not know itself (main.c, sgx_drv_init in
/// driver.c of 5.11 and later). A SIGSTRUCT may not ask for one under its masks.
struct ReservedBits {
  let attributes: UInt64
  let miscSelect: UInt32
  let xfrm: UInt64

  /// OSXSAVE is set in every kernel of the model, so XFRM is what CPUID offers.
  init(_ version: DriverVersion, _ profile: ProcessorProfile) {
    var known: AttributeFlags = [.initialized, .debug, .mode64Bit, .provisionKey, .einitTokenKey, .kss]
    if version.knowsAsyncExitNotify { known.insert(.aexNotify) }
    attributes = ~profile.attributes.rawValue | ~known.rawValue
    miscSelect = ~profile.miscSelect.rawValue | ~MiscSelect.exInfo.rawValue
    xfrm = ~profile.xfrm.rawValue
  }

  /// sgx_encl_init: attributes, MISCSELECT and XFRM, each under its own mask.
  func allow(_ sigStruct: SigStruct) -> Bool {
    sigStruct.attributes.rawValue & sigStruct.attributeMask.rawValue & attributes == 0
      && sigStruct.miscSelect.rawValue & sigStruct.miscMask.rawValue & miscSelect == 0
      && sigStruct.xfrm.rawValue & sigStruct.xfrmMask.rawValue & xfrm == 0
  }
}
