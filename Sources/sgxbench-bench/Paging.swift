import Crypto
import SGXArchitecture
import SGXProcessor
import Simulation

/// How fast pages leave the EPC and come back (goal 6), held against the encryption alone of the same bytes: the work of EBLOCK, EWB and
/// ELDU beside it, and what it costs to encrypt page by page, are all that can be lost.
enum Paging {
  static var figures: [Figure] {
    [
      Figure(name: "paging", goal: .atLeast(0.35)) { evictAndReload(rounds: $0, limit: pageByPage) },
      Figure(name: "paging-at-once", goal: .atLeast(0.14)) { evictAndReload(rounds: $0, limit: atOnce) },
    ]
  }

  private static let pages: UInt32 = 512
  private static let key = SymmetricKey(data: [UInt8](repeating: 7, count: 16))
  private static let contents = Load(pages: Int(pages))
  private static let plaintext = [UInt8](UnsafeRawBufferPointer(start: contents.image.base, count: contents.image.count))

  /// Every page once encrypted and once decrypted by the same library, without anything around it.
  private static func pageByPage() {
    let header = [UInt8](repeating: 1, count: 128)
    for page in 0..<Int(pages) {
      let bytes = UnsafeRawBufferPointer(start: contents.image.base + page * Int(pageSize), count: Int(pageSize))
      let box = try! AES.GCM.seal(bytes, using: key, authenticating: header)
      blackHole(try! AES.GCM.open(box, using: key, authenticating: header))
    }
  }

  /// The same bytes in one call each way: the speed of the cipher itself.
  private static func atOnce() {
    let box = try! AES.GCM.seal(plaintext, using: key)
    blackHole(try! AES.GCM.open(box, using: key))
  }

  /// Every page of an enclave blocked, one ETRACK, every page written, every page loaded again.
  private static func evictAndReload(rounds: Int, limit: () -> Void) -> Reading {
    var enclave = Enclave()
    let ratio = Ratio(rounds: rounds, limit: limit) { enclave.evictAndReload() }
    let rate = (Double(pages) * 1e6 / ratio.measured).text(digits: 0) + " K pages/s"
    let limitRate = (Double(pages) * 1e6 / ratio.limit).text(digits: 0) + " K pages/s"
    return .ratio(ratio.speed, measured: rate, limit: "AES-128-GCM both ways, \(limitRate)")
  }

  /// SECS in page 0, a version array in 1, pages with contents behind.
  private struct Enclave {
    var processor: Processor
    var environment = Environment(seed: 1)
    var outside: [SealedPage] = []

    init() {
      processor = Processor(profile: .server, pageCount: pages + 2)
      let secs = SECS(size: UInt64(pages) * pageSize, baseAddress: LinearAddress(0))
      run(ECREATE(source: secs, target: address(0)))
      run(EPA(target: address(1)))
      for page in 0..<pages {
        let pageInfo = PageInfo(linearAddress: linearAddress(page), secInfo: Load.secInfo, secs: address(0))
        run(EADD(pageInfo: pageInfo, source: .bytes(contents.image, offset: page * UInt32(pageSize)), target: address(page + 2)))
      }
      outside.reserveCapacity(Int(pages))
    }

    mutating func evictAndReload() {
      for page in 0..<pages { run(EBLOCK(target: address(page + 2))) }
      run(ETRACK(secs: address(0)))
      for page in 0..<pages {
        let (outcome, sealed) = processor.writeBack(EWB(target: address(page + 2), versionSlot: slot(page)), in: &environment)
        precondition(outcome.isDone, "the benchmark's page is evicted")
        outside.append(sealed!)
      }
      for page in 0..<pages {
        run(
          ELDU(
            sealed: outside[Int(page)], linearAddress: linearAddress(page), secs: address(0), target: address(page + 2),
            versionSlot: slot(page)))
      }
      outside.removeAll(keepingCapacity: true)
    }

    private mutating func run<L: Leaf>(_ leaf: L) {
      let outcome = processor.execute(leaf, in: &environment)
      precondition(outcome.isDone, "the benchmark's leaf is done")
    }

    private func address(_ page: UInt32) -> EPCAddress { EPC.address(of: PhysPageNumber(page)) }
    private func linearAddress(_ page: UInt32) -> LinearAddress { LinearAddress(UInt64(page) * pageSize) }
    private func slot(_ page: UInt32) -> EPCAddress { EPCAddress(address(1).rawValue + UInt64(page) * 8) }
  }
}
