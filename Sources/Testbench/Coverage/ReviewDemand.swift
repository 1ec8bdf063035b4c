/// A demand of the review of October 2020 (D. Hansen on v39 13/24, with the replies), by the number that `-- covers:` names.
public struct ReviewDemand: Sendable {
  public let id: String
  /// The demand in plain words.
  public let sentence: String
  /// How it is met where no scenario can test it: file, and what stands there.
  public let metBy: (file: String, how: String)?

  init(_ id: String, _ sentence: String, metBy: (file: String, how: String)? = nil) {
    self.id = id
    self.sentence = sentence
    self.metBy = metBy
  }

  public static func named(_ id: some StringProtocol) -> ReviewDemand? { all.first { $0.id == id } }

  /// In the order of the page.
  public static let all: [ReviewDemand] = [
    ReviewDemand("R1", "What `offset` is counted from is unambiguous: the base of the enclave."),
    ReviewDemand("R2", "Two page objects are justified: the place in the enclave outlives the page of EPC behind it."),
    ReviewDemand("R3", "A sparse enclave is cheap: what it costs grows with its pages, not with its range."),
    ReviewDemand("R4", "The pointers between slot and page agree at every moment of rest."),
    ReviewDemand(
      "R5", "EADD may fault and must not sleep, and a comment says so.",
      metBy: ("Sources/SGXDriver/Calls/AddPages.swift", "pinning the source and EADD are two steps, and EADD is one with nothing between")),
    ReviewDemand("R6", "Normal operation warns of nothing, and losing the EPC to suspend or hibernation is normal operation."),
    ReviewDemand("R7", "How often a lost EPC can warn is known and bounded: nobody can flood the log."),
    ReviewDemand("R8", "User space cannot cause a warning by bad input."),
    ReviewDemand("R9", "The place in the range is taken before EADD, because it can be undone and the measurement cannot."),
    ReviewDemand(
      "R10", "What the measurement is stands there in plain words: a running hash, final at INIT, that cannot be taken back.",
      metBy: ("Sources/SGXArchitecture/Measurement.swift", "its first comment")),
    ReviewDemand(
      "R11", "There is a documented reason for adding a page without measuring it.",
      metBy: ("Scripts/load/measurement.lua", "pages without content of their own, such as a heap, are added and not measured")),
    ReviewDemand("R12", "The states of an enclave are documented, and every ioctl has a defined answer in each."),
    ReviewDemand("R13", "The source range is checked whole or page by page, not for its first page alone."),
    ReviewDemand("R14", "Nothing is read beyond the pinned page, and nothing of the kernel's half."),
    ReviewDemand(
      "R15", "It is said what a pin guarantees: the page stays where it is until EADD; not that its content stays the same.",
      metBy: ("Sources/LinuxKernel/Seam/Process+Memory.swift", "the comment of `pin`")),
    ReviewDemand("R16", "The bound on `length` is obviously right: nothing wraps around."),
    ReviewDemand(
      "R17", "User pointers have a type and cannot be taken for addresses of the kernel or the enclave.",
      metBy: ("Sources/SGXArchitecture/Numbers.swift", "`UserAddress`, `EnclaveOffset`, `LinearAddress` and `EPCAddress` do not mix")),
    ReviewDemand("R18", "What partial progress means is well defined, and the same for a cap, a signal and a failure."),
    ReviewDemand(
      "R19", "EEXTEND has no magic numbers: sixteen blocks of 256 bytes make a page.",
      metBy: ("Sources/SGXArchitecture/Numbers.swift", "`extendChunkSize` and `extendChunksPerPage`")),
    ReviewDemand("R20", "A page that is half added is never visible."),
    ReviewDemand("R21", "The home-made lock of the ioctls has a purpose, and cannot dead-lock with eviction."),
    ReviewDemand(
      "R22", "What CREATE checks itself has a purpose beyond what the processor checks.",
      metBy: ("Sources/SGXDriver/Calls/Create.swift", "the power of two keeps the size of the backing file from wrapping; the rest is ECREATE's")),
    ReviewDemand(
      "R23", "The 1/32 in the size of the backing file is explained.",
      metBy: ("Sources/SGXDriver/Calls/Create.swift", "128 bytes of PCMD for each 4096, in the comment of `openBackingFile`")),
    ReviewDemand("R24", "A lost enclave is reported clearly and does not take the kernel down."),
    ReviewDemand(
      "R25", "The devices have flat names, without a directory.",
      metBy: ("Sources/ScenarioLanguage/Prelude/sgx.lua", "`process:open` knows /dev/sgx_enclave")),
  ]
}
