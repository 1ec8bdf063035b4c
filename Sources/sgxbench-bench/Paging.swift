import Crypto
import SGXArchitecture
import SGXProcessor
import Simulation

/// How fast pages leave the EPC and come back (goal 6): EBLOCK, ETRACK, EWB and ELDU, held against the encryption alone of the same bytes,
/// once page by page through the library's public API and once as fast as the cipher goes.
enum Paging {
  static var figures: [Figure] {
    [
      Figure(name: "paging", goal: .atLeast(1.7)) { evictAndReload(rounds: $0, limit: pageByPage) },
      Figure(name: "paging-cipher", goal: .atLeast(0.55)) { evictAndReload(rounds: $0, limit: inLargePieces) },
    ]
  }

  private static let pages: UInt32 = 512
  private static let key = SymmetricKey(data: [UInt8](repeating: 7, count: 16))
  private static let contents = Load(pages: Int(pages))

  /// Every page once encrypted and once decrypted by the same library, without anything around it.
  private static func pageByPage() {
    let header = [UInt8](repeating: 1, count: 128)
    for page in 0..<Int(pages) {
      let bytes = UnsafeRawBufferPointer(start: contents.image.base + page * Int(pageSize), count: Int(pageSize))
      let box = try! AES.GCM.seal(bytes, using: key, authenticating: header)
      blackHole(try! AES.GCM.open(box, using: key, authenticating: header))
    }
  }

  /// The same bytes in pieces of 64 KiB: the speed of the cipher itself. Larger pieces would measure the allocator.
  private static func inLargePieces() {
    let size = 16 * Int(pageSize)
    for piece in 0..<(contents.image.count / size) {
      let bytes = UnsafeRawBufferPointer(start: contents.image.base + piece * size, count: size)
      let box = try! AES.GCM.seal(bytes, using: key)
      blackHole(try! AES.GCM.open(box, using: key))
    }
  }

  /// Every page of an enclave blocked, one ETRACK, every page written, every page loaded again.
  private static func evictAndReload(rounds: Int, limit: () -> Void) -> Reading {
    var enclave = Enclave()
    let ratio = Ratio(rounds: rounds, limit: limit) { enclave.evictAndReload() }
    let rate = (Double(pages) * 1e6 / ratio.measured).text(digits: 0) + " K pages/s"
    let limitRate = (Double(pages) * 1e6 / ratio.limit).text(digits: 0) + " K pages/s"
    return .ratio(ratio.speed, measured: rate, limit: "AES-GCM both ways, \(limitRate)")
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
