/// A driver version: a name and a table of named behaviours. Code asks for a behaviour, never for a version.
public struct DriverVersion: Hashable, Sendable {
  public let name: String

  /// After a failed EEXTEND the child count is lowered again. No Linux does (ioctl.c, sgx_encl_add_page, 5.11 to 7.2: the
  /// error path leaves secs_child_cnt as it was), so there the SECS page is leaked at release.
  public var lowersChildCountAfterFailedExtend = false

  /// ADD_PAGES answers EINVAL to flag bits other than SGX_PAGE_MEASURE. Linux ignores them (ioctl.c, sgx_ioc_enclave_add_pages).
  public var refusesUnknownAddFlags = false

  /// Once a leaf's #PF has shown that an enclave's EPC is gone, later calls on it say EIO at once. Linux keeps no such note.
  public var remembersLostEnclaves = false

  /// CREATE refuses a SECS.SIZE that is no power of two before any leaf runs (ioctl.c, sgx_encl_create; 6.14, back-ported to 6.1.192).
  public var createChecksSizeIsPowerOfTwo = true

  public init(name: String) { self.name = name }

  /// Debian's stable kernel of 2026, whose answers are recorded in `Tests/Vectors/kernel-answers.jsonl`.
  public static let v6_1_192 = DriverVersion(name: "6.1.192")

  /// The driver that meets every demand of the review.
  public static let reviewed: DriverVersion = {
    var version = DriverVersion(name: "reviewed")
    version.lowersChildCountAfterFailedExtend = true
    version.refusesUnknownAddFlags = true
    version.remembersLostEnclaves = true
    return version
  }()

  /// Every version this bench knows, oldest first; `reviewed` is last.
  public static let all: [DriverVersion] = [v6_1_192, reviewed]

  /// The version spelled so at `--driver`.
  public static func named(_ name: String) -> DriverVersion? { all.first { $0.name == name } }
}
