import EnclaveImage
import Glibc
import ImageWriters
import SGXArchitecture

// A target of libFuzzer: bytes in, an image or a refusal out. `Scripts/dev/fuzz` builds and runs it; it is no part of any other build.

/// Writes the samples into the folder of FUZZ_SEEDS, from which libFuzzer starts.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutableRawPointer) -> CInt {
  guard let folder = getenv("FUZZ_SEEDS") else { return 0 }
  for sample in Sample.all {
    guard let file = fopen(String(cString: folder) + "/" + sample.name, "w") else { fatalError("a seed cannot be written") }
    fwrite(sample.bytes, 1, sample.bytes.count, file)
    fclose(file)
  }
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let block = ContentBlock(count: count) { $0.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: count)) }
  do throws(ImageRefusal) {
    let plan = try EnclaveImage(name: "input", bytes: block).plan
    // Hashing is of interest where it is short.
    if plan.hashedBytes < 1 << 16 { _ = plan.mrenclave() }
  } catch {
    precondition(error.offset <= UInt64(count), "a refusal is about a byte of the file: \(error.text)")
  }
  return 0
}
