import SGXArchitecture
import Testbench

/// How fast pages are measured and loaded, held against one call of SHA-256 over the same bytes (goals 1, 2 and 4).
enum Loading {
  static var figures: [Figure] {
    [
      Figure(name: "measurement", goal: .atLeast(0.95), take: measurement),
      Figure(name: "measured-load", goal: .atLeast(0.82)) { load(rounds: $0, measured: true, zero: false) },
      Figure(name: "unmeasured-load", goal: .atLeast(2.9)) { load(rounds: $0, measured: false, zero: false) },
      Figure(name: "zero-load", goal: .atLeast(8)) { load(rounds: $0, measured: false, zero: true) },
    ]
  }

  static let contents = Load(pages: 4096)
  static let records = contents.records

  /// The hashing alone, without processor and driver.
  private static func measurement(rounds: Int) -> Reading {
    let ratio = Ratio(rounds: rounds, limit: { hashAtOnce(records) }) {
      var measurement = Measurement(ssaFrameSize: 1, size: 1 << 30)
      for page in 0..<contents.pages {
        let offset = EnclaveOffset(pageIndex: UInt64(page))
        measurement.add(offset: offset, secInfo: Load.secInfo)
        measurement.extendPage(
          offset: offset, contents: .bytes(contents.image, offset: UInt32(truncatingIfNeeded: offset.rawValue)))
      }
      blackHole(measurement.digest)
    }
    return reading(ratio)
  }

  /// One ADD_PAGES for all pages, through the driver.
  ///
  /// The machine of the round before is given back first, so that each load but the first finds memory which this process has had before:
  /// a page that a virtual machine's host has yet to find costs 12 us, and would be most of what is measured.
  private static func load(rounds: Int, measured: Bool, zero: Bool) -> Reading {
    var machine: Prepared?
    let ratio = Ratio(
      rounds: rounds,
      prepare: {
        machine = nil
        machine = contents.prepared(zeroSource: zero)
      }, limit: { hashAtOnce(records) }, measured: { machine!.load(measured: measured) })
    return reading(ratio)
  }

  private static func reading(_ ratio: Ratio) -> Reading {
    .ratio(ratio.speed, measured: pagesPerSecond(ratio.measured), limit: "SHA-256 at once, \(pagesPerSecond(ratio.limit))")
  }

  private static func pagesPerSecond(_ nanoseconds: Double) -> String {
    (Double(contents.pages) * 1e6 / nanoseconds).text(digits: 0) + " K pages/s"
  }
}
