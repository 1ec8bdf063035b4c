import LinuxKernel
import SGXDriver

extension WarningSite {
  /// Whether user space can cause the warning by what it asks for, and what it takes otherwise.
  public var cause: (byUserInput: Bool, explanation: String) {
    switch self {
    case .EPA: (false, "EPA of a free page faults; the processor or the kernel is wrong")
    case .EEXTEND: (false, "EEXTEND of a page just added faults other than with #PF; the processor or the kernel is wrong")
    case .EINIT: (false, "EINIT faults other than with #PF; the processor or the kernel is wrong")
    case .EUPDATESVN: (false, "EUPDATESVN fails other than for want of entropy")
    case .EBLOCK: (false, "EBLOCK says no; in Linux it does for every page that was lost with the EPC")
    case .ETRACK: (false, "ETRACK says no; the processor or the kernel is wrong")
    case .EWB: (false, "EWB says no, and not that a thread may still be inside; in Linux it does after a lost EPC")
    case .ELDU: (false, "ELDU says no, other than with #PF; the page was tampered with, or lost before")
    case .EREMOVE_LEAK: (false, "EREMOVE refuses a page that the driver gives back")
    case .REL_SECS_CHILD: (false, "an EEXTEND failed before, as a lost EPC makes it: the count of children was not lowered")
    case .REL_SECS_RESIDENT: (false, "the same: the SECS page stays behind for a child that is not there")
    }
  }
}
