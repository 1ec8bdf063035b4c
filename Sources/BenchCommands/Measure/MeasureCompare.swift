import BenchReport
import EnclaveImage
import LuaHost
import SGXArchitecture

/// Two measured images, held against each other: the first record that makes their MRENCLAVEs differ, and the pages that do.
struct ImageComparison {
  let first: MeasuredImage
  let second: MeasuredImage
  /// Nil where both measure the same.
  let difference: MeasurementDifference?
  let pages: [PageDifference]

  init(_ first: MeasuredImage, _ second: MeasuredImage) {
    self.first = first
    self.second = second
    // Like digests are like records: there is nothing to be found in what may be many gigabytes.
    difference = first.mrenclave == second.mrenclave ? nil : first.image.plan.firstDifference(from: second.image.plan)
    pages = first.image.plan.differences(from: second.image.plan)
  }

  /// Lines that a report shows; the JSON has all.
  private static let shownMax = 16

  var text: String {
    var text = "comparison: \(shown(first)) is the first, \(shown(second)) the second\n"
    if let difference {
      text += "  differs in  \(difference.text("the first", "the second"))\n"
      if let role = role(of: difference) { text += "  of a page   \(role.rawValue)\n" }
    } else {
      text += "  same        records and MRENCLAVE\n"
    }
    if pages.isEmpty { return text + "  same        pages\(difference == nil ? "" : ", in another order or in another enclave")\n" }
    let columns = pages.prefix(Self.shownMax).map { page in
      (page.offset.rawValue.hex, "\(page.pageCount) page\(page.pageCount == 1 ? "" : "s")", page.kinds.text)
    }
    for (offset, count, kinds) in columns { text += "    " + padded(offset, 14) + padded(count, 16) + kinds + "\n" }
    if pages.count > Self.shownMax { text += "    and \(pages.count - Self.shownMax) stretches more\n" }
    return text
  }

  var json: JSONText {
    .object([
      ("compared", .array([.string(first.file), .string(second.file)])), ("same_mrenclave", .bool(difference == nil)),
      ("first_difference", difference.map(json) ?? .null),
      ("pages", .array(pages.map { page in
        .object([
          ("offset", .number(page.offset.rawValue)), ("pages", .number(page.pageCount)), ("differs", .string(page.kinds.text)),
        ])
      })),
    ])
  }

  private func json(_ difference: MeasurementDifference) -> JSONText {
    func text(_ record: MeasurementRecord?) -> JSONText { record.map { .string($0.text) } ?? .null }
    return .object([
      ("record", .number(difference.number)), ("first", text(difference.first)), ("second", text(difference.second)),
      ("byte", difference.byte.map { byte in
        .object([
          ("offset", .number(byte.offset.rawValue)), ("first", .number(UInt64(byte.first))), ("second", .number(UInt64(byte.second))),
        ])
      } ?? .null),
    ])
  }

  /// What the page is for, in the image that has it.
  private func role(of difference: MeasurementDifference) -> RangeRole? {
    for (record, image) in [(difference.first, first), (difference.second, second)] {
      guard let offset = record?.offset, let place = image.image.plan.range(at: offset) else { continue }
      return image.image.plan.ranges[place.index].role
    }
    return nil
  }

  private func shown(_ image: MeasuredImage) -> String { escapeForDisplay(Array(image.file.utf8)) }

  private func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.utf8.count)) }
}
