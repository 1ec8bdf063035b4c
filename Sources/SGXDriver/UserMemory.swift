import LinuxKernel
import SGXArchitecture
import Simulation

/// How the kernel reaches into user memory, and what may go wrong there. Each function is one visit of `.userCopy`.
enum UserMemory {
  /// Copies an argument in or out. `isAccessible` says whether the caller's place for it can be used at all.
  static func copy(_ kind: UserCopyKind, isAccessible: Bool, _ environment: inout Environment) throws(KernelError) {
    let struck = environment.visit(.userCopy(kind))
    guard struck != .badAddress, isAccessible else {
      environment.trace.record(.copyFailed(kind))
      throw .errno(.EFAULT)
    }
  }

  /// Finds and pins the source page of ADD_PAGES (ioctl.c, __sgx_encl_add_page).
  ///
  /// The mapping looked up is the *next* one above an unmapped address, so a hole below a noexec mapping says EACCES.
  static func pinSource(
    _ address: UserAddress, in space: AddressSpace, _ environment: inout Environment
  ) throws(KernelError) -> PageContents {
    let index = space.indexAbove(address)
    guard index < space.mappings.count else { throw .errno(.EFAULT) }
    guard space.mappings[index].mayExecute else { throw .errno(.EACCES) }
    let struck = environment.visit(.userCopy(.pin))
    guard struck != .badAddress, space.mappings[index].start <= address, space.mappings[index].protection.contains(.read),
      space.mappings[index].kind == .anonymous
    else {
      environment.trace.record(.copyFailed(.pin))
      throw .errno(.EFAULT)
    }
    return space.mappings[index].page(at: address)
  }
}
