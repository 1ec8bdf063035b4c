import EnclaveImage
import LuaHost
import SGXArchitecture
#if canImport(Glibc)
  import Glibc
#endif

/// What `sgxbench measure` was asked.
struct MeasureRequest {
  var files: [String]
  var options = ImageOptions()
  var sigStructFile: String?
  var streamFile: String?
  /// The stream may take the place of a file of another kind.
  var replacesAnyFile = false
  var jobs = 1
  var hashedBytesMax: UInt64 = 64 << 30
  /// There are two files, and the report ends with how they differ.
  var compares = false
  var style = MeasureStyle()

  /// Measures every image, on several threads if asked, and writes the reports in the order of the files: the same bytes whatever
  /// the number of threads.
  func perform() -> ExitStatus {
    let stream: WholeFile?
    do throws(Refusal) { stream = try openStream() } catch {
      Message.write(error.text)
      return error.status
    }
    let progress = MeasureProgress(isShown: isTerminal(2))
    let files = self.files
    let results = inParallel(files.count, jobs: jobs) { index in measure(files[index], stream, progress) }
    progress.end()
    var output = Output(descriptor: 1)
    var status = ExitStatus.passed
    for result in results {
      switch result {
      case .failure(let problem):
        Message.write(problem.text)
        status = status.or(problem.status)
      case .success(let report):
        if style.records != .none, let measured = report.measured { style.write(measured, to: &output) } else { output.write(report.summary) }
        if !report.isGood { status = status.or(.failed) }
      }
    }
    if compares, case .success(let first) = results[0], case .success(let second) = results[1],
      let first = first.measured, let second = second.measured
    {
      let comparison = ImageComparison(first, second)
      output.write(style.isJSON ? comparison.json.document.line + "\n" : comparison.text)
      if comparison.difference != nil { status = status.or(.failed) }
    }
    output.complain()
    return output.error == 0 ? status : status.or(.output)
  }

  /// What is kept of an image until all are measured.
  private struct Report: Sendable {
    let summary: String
    let isGood: Bool
    /// The image itself, only where more of it will be shown: many of them would fill the memory.
    let measured: MeasuredImage?
  }

  private func measure(_ file: String, _ stream: WholeFile?, _ progress: MeasureProgress) -> Result<Report, Refusal> {
    Result { () throws(Refusal) in
      let shown = escapeForDisplay(Array(file.utf8))
      let (image, sigStructName) = try read(file)
      let plan = image.plan
      guard plan.hashedBytes <= hashedBytesMax else {
        throw Refusal("\(shown): \(plan.hashedBytes) bytes of records to hash, over the limit of \(hashedBytesMax) (--hash-limit)")
      }
      let part = progress.begin(bytes: plan.hashedBytes)
      let writing = stream.map { _ in progress.begin(bytes: plan.hashedBytes) }
      let start = monotonicNanoseconds()
      let digest = plan.mrenclave { progress.report(part, $0) }
      let duration = monotonicNanoseconds() - start
      if let stream, let writing { try write(plan, to: stream) { progress.report(writing, $0) } }
      let measured = MeasuredImage(file: file, image: image, mrenclave: digest, sigStructFile: sigStructName, nanoseconds: duration)
      let isKept = compares || style.records != .none
      return Report(
        summary: style.summary(of: measured), isGood: (measured.verdict?.isGood ?? true) && style.isExpected(measured), measured: isKept ? measured : nil)
    }
  }

  /// The image, and the file of its SIGSTRUCT where that is another.
  private func read(_ file: String) throws(Refusal) -> (EnclaveImage, String?) {
    let image: EnclaveImage
    do throws(ImageError) { image = try EnclaveImage(path: file, options: options) } catch {
      throw Refusal(escapeForDisplay(Array(error.text.utf8)))
    }
    if options.block != nil, image.format != .intelSDK {
      throw Refusal("\(escapeForDisplay(Array(file.utf8))): --block is for images of the format \(ImageFormat.intelSDK.rawValue)")
    }
    guard let name = sigStructFile ?? (image.sigStruct == nil ? Self.sigStructFile(beside: file) : nil) else { return (image, nil) }
    let bytes = try ScriptFile.read(name, limit: 1 << 20, folderAdvice: "")
    do throws(SigStruct.WrongSize) { return (image.attaching(try SigStruct(bytes: bytes)), name) } catch {
      throw Refusal("\(escapeForDisplay(Array(name.utf8))): \(error.found) bytes; a SIGSTRUCT has \(SigStruct.size)")
    }
  }

  /// `app.sig` or `app.ss` for `app.sgxs`, if there is one of a SIGSTRUCT's length: other things are called `.sig` too.
  static func sigStructFile(beside file: String) -> String? {
    var stem = file
    if let dot = file.lastIndex(of: "."), !file[dot...].utf8.contains(UInt8(ascii: "/")) { stem = String(file[..<dot]) }
    return [".sig", ".ss"].map { stem + $0 }.first {
      var status = stat()
      return $0 != file && stat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size == SigStruct.size
    }
  }

  /// The file of the stream; looked at before the work, and no file that is read.
  private func openStream() throws(Refusal) -> WholeFile? {
    guard let streamFile else { return nil }
    let file = try WholeFile(streamFile)
    for read in files + [sigStructFile, files.first.flatMap(Self.sigStructFile(beside:))].compactMap({ $0 }) where file.isAlso(read) {
      throw Refusal("--sgxs: \(escapeForDisplay(Array(streamFile.utf8))) is a file that is read", status: .usage)
    }
    if !replacesAnyFile { try file.demand(.stream) }
    return file
  }

  private func write(_ plan: LoadPlan, to file: WholeFile, _ progress: (UInt64) -> Void) throws(Refusal) {
    try file.write { output in
      _ = plan.writeStream(progress: progress) { bytes in
        output.write(bytes.bindMemory(to: UInt8.self))
        return output.error == 0
      }
    }
  }
}

/// An image and what came of it.
struct MeasuredImage: Sendable {
  let file: String
  let image: EnclaveImage
  let mrenclave: Digest
  /// The file that the SIGSTRUCT is from, where it is not the image itself.
  let sigStructFile: String?
  let nanoseconds: UInt64
  /// Nil where there is no SIGSTRUCT.
  let verdict: SigStructVerdict?

  init(file: String, image: EnclaveImage, mrenclave: Digest, sigStructFile: String?, nanoseconds: UInt64) {
    self.file = file
    self.image = image
    self.mrenclave = mrenclave
    self.sigStructFile = sigStructFile
    self.nanoseconds = nanoseconds
    verdict = image.sigStruct.map { SigStructVerdict($0, parameters: image.plan.parameters, mrenclave: mrenclave) }
  }
}
