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
  var jobs = 1
  var hashedBytesMax: UInt64 = 64 << 30
  /// There are two files, and the report ends with how they differ.
  var compares = false
  var style = MeasureStyle()

  /// Measures every image, on several threads if asked, and writes the reports in the order of the files: the same bytes whatever
  /// the number of threads.
  func perform() -> ExitStatus {
    let progress = MeasureProgress(isShown: isTerminal(2))
    let files = self.files
    let results = inParallel(files.count, jobs: jobs) { index in measure(files[index], progress) }
    progress.end()
    var output = Output(descriptor: 1)
    var status = ExitStatus.passed
    for result in results {
      switch result {
      case .failure(let problem):
        Message.write(problem.text)
        status = status.or(problem.status)
      case .success(let measured):
        style.write(measured, to: &output)
        if let verdict = measured.verdict, !verdict.isGood { status = status.or(.failed) }
      }
    }
    if compares, case .success(let first) = results[0], case .success(let second) = results[1] {
      let comparison = ImageComparison(first, second)
      output.write(style.isJSON ? comparison.json.line + "\n" : comparison.text)
      if comparison.difference != nil { status = status.or(.failed) }
    }
    output.complain()
    return output.error == 0 ? status : status.or(.output)
  }

  /// Why an image was not measured.
  struct Problem: Error {
    let text: String
    var status = ExitStatus.badInput
  }

  private func measure(_ file: String, _ progress: MeasureProgress) -> Result<MeasuredImage, Problem> {
    Result { () throws(Problem) in
      let shown = escapeForDisplay(Array(file.utf8))
      let (image, sigStructName) = try read(file)
      let plan = image.plan
      guard plan.hashedBytes <= hashedBytesMax else {
        throw Problem(text: "\(shown): \(plan.hashedBytes) bytes of records to hash, over the limit of \(hashedBytesMax) (--hash-limit)")
      }
      let part = progress.begin(bytes: plan.hashedBytes)
      let start = monotonicNanoseconds()
      let digest = plan.mrenclave { progress.report(part, $0) }
      let duration = monotonicNanoseconds() - start
      if let streamFile { try writeStream(plan, to: streamFile) }
      return MeasuredImage(file: file, image: image, mrenclave: digest, sigStructFile: sigStructName, nanoseconds: duration)
    }
  }

  /// The image, and the file of its SIGSTRUCT where that is another.
  private func read(_ file: String) throws(Problem) -> (EnclaveImage, String?) {
    let image: EnclaveImage
    do throws(ImageError) { image = try EnclaveImage(path: file, options: options) } catch {
      throw Problem(text: escapeForDisplay(Array(error.text.utf8)))
    }
    guard let name = sigStructFile ?? (image.sigStruct == nil ? Self.sigStructFile(beside: file) : nil) else { return (image, nil) }
    let bytes: [UInt8]
    do throws(ScriptFile.Problem) { bytes = try ScriptFile.read(name, limit: 1 << 20) } catch { throw Problem(text: error.text) }
    do throws(SigStruct.WrongSize) { return (image.attaching(try SigStruct(bytes: bytes)), name) } catch {
      throw Problem(text: "\(escapeForDisplay(Array(name.utf8))): \(error.found) bytes; a SIGSTRUCT has \(SigStruct.size)")
    }
  }

  /// `app.sig` or `app.ss` for `app.sgxs`, if there is one.
  static func sigStructFile(beside file: String) -> String? {
    var stem = file
    if let dot = file.lastIndex(of: "."), !file[dot...].utf8.contains(UInt8(ascii: "/")) { stem = String(file[..<dot]) }
    return [".sig", ".ss"].map { stem + $0 }.first { $0 != file && access($0, R_OK) == 0 }
  }

  private func writeStream(_ plan: LoadPlan, to file: String) throws(Problem) {
    func problem(_ error: Int32) -> Problem {
      Problem(text: "cannot write \(escapeForDisplay(Array(file.utf8))): \(String(cString: strerror(error)))", status: .output)
    }
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw problem(errno) }
    var output = Output(descriptor: descriptor)
    let isWritten = plan.writeStream { bytes in
      output.write(bytes.bindMemory(to: UInt8.self))
      return output.error == 0
    }
    guard isWritten else {
      close(descriptor)
      throw problem(output.error)
    }
    guard close(descriptor) == 0 else { throw problem(errno) }
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
