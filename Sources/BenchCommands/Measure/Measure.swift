import ArgumentParser
import EnclaveImage
import SGXArchitecture

/// `sgxbench measure IMAGE…`
struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures enclave images: MRENCLAVE, and what else their loader and their signer say.",
    discussion: """
      Reads the signed ELF files of the Intel SDK and of Open Enclave, SGXS and ESGXS streams, the flat image and the ELF file of the \
      kernel's selftests, and the signed DLLs of the SDK for Windows (metadata 1.1 and 1.2). A SIGSTRUCT beside a stream or a flat image is found \
      where it has the same name and ends in .sig or .ss.

      Ends with 0 where nothing contradicts, 1 where an image contradicts its own SIGSTRUCT or --expect, or two that are compared measure differently, \
      2 where one is wrong or missing, 74 where a file or the report could not be written.
      """)

  @Argument(help: ArgumentHelp("Images to measure, in this order.", valueName: "image"), completion: .file())
  var images: [String]

  @Flag(help: "One JSON object a line for each image.")
  var json = false

  @Option(help: ArgumentHelp("Writes the records of the one image as an SGXS stream, whose SHA-256 is MRENCLAVE.", valueName: "file"))
  var sgxs: String?

  @Flag(help: "With --sgxs: replaces a file that is no such stream, too.")
  var force = false

  @Option(help: ArgumentHelp("The MRENCLAVE that every image must have, 64 digits; another one ends with 1.", valueName: "hex"))
  var expect: HexText?

  @Flag(help: "Lists what is added, stretches of like pages in a line.")
  var records = false

  @Flag(help: "With --records: a line for every page.")
  var everyPage = false

  @Flag(help: "Compares two images: the first record that makes MRENCLAVE another, and the pages that differ.")
  var compare = false

  @Option(help: ArgumentHelp("The SIGSTRUCT of the one image, 1808 bytes; it goes before the image's own.", valueName: "file"))
  var sigstruct: String?

  @Option(
    help: ArgumentHelp(
      "The block of metadata to take, as 2.4, of an SDK image with several.", discussion: "Otherwise the one that a current runtime takes.",
      valueName: "version"))
  var block: String?

  @Option(help: "Images measured at once.")
  var jobs = 1

  @Flag(help: "Says how long it took; on a terminal always.")
  var time = false

  @Option(help: "MiB that an image file may have.")
  var imageLimit: UInt64 = 256

  @Option(help: "GiB of records that an image may ask to have hashed.")
  var hashLimit: UInt64 = 64

  @Option(help: "Unmeasured pages that the loader of the kernel's selftests adds behind its ELF file: 1 from Linux 5.17 on, before it 0.")
  var selftestHeap: UInt64 = 1

  mutating func run() throws {
    var request = MeasureRequest(files: images)
    request.options.fileSizeMax = imageLimit << 20
    request.options.selftestHeapPages = selftestHeap
    if let block {
      guard let version = MetadataVersion(block) else { throw ValidationError("--block: '\(block)' is no version, as 2.4 is one") }
      request.options.block = version
    }
    guard (1...2048).contains(imageLimit), (1...(1 << 20)).contains(hashLimit), (1...1024).contains(jobs), selftestHeap <= 1 << 24 else {
      throw ValidationError("limits: --image-limit 1 to 2048, --hash-limit 1 to 1048576, --jobs 1 to 1024, --selftest-heap to 16777216")
    }
    if images.count > 1, sgxs != nil || sigstruct != nil { throw ValidationError("--sgxs and --sigstruct are for one image") }
    if compare, images.count != 2 { throw ValidationError("--compare is for two images, got \(images.count)") }
    if everyPage, !records { throw ValidationError("--every-page is for --records") }
    request.sigStructFile = sigstruct
    request.streamFile = sgxs
    request.replacesAnyFile = force
    request.jobs = jobs
    request.compares = compare
    request.hashedBytesMax = hashLimit << 30
    request.style = MeasureStyle(isJSON: json, records: records ? (everyPage ? .pages : .ranges) : .none, showsTime: time || isTerminal(1))
    if let expect {
      try expect.require(bytes: 32, for: "--expect")
      request.style.expected = Digest(bytes: expect.bytes)
    }
    throw ExitCode(request.perform().rawValue)
  }
}
