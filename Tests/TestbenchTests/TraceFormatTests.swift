import LinuxKernel
import SGXArchitecture
import SGXDriver
import Simulation
import Testbench
import Testing

/// `Docs/TraceFormat.md` names every kind of event and shows its text.
@Suite("Trace format") struct TraceFormatTests {
  /// At least one of each kind, in the order of the code and of the page.
  private static let samples: [Event] = [
    .leaf(.EADD, page(7), .done), .leaf(.EUPDATESVN, page(.max), LeafResult(encoded: LeafError.SGX_NO_UPDATE.rawValue)),
    .extended(page(6), chunks: 16),
    .thrownOut(page(6), vector: 14), .thrownOut(page(6), vector: nil),
    .powerCycled(.s3),
    .injected(.powerCycle(.s3), .leaf(.EEXTEND)),
    .operationBegan(OperationName.addPages.number, subject: 0), .operationBegan(OperationName.reclaim.number, subject: .max),
    .operationEnded(OperationName.addPages.number, subject: 0, result: -Errno.EIO.rawValue),
    .operationEnded(OperationName.addPages.number, subject: 0, result: -512),
    .operationEnded(OperationName.create.number, subject: 0, result: 0x4000_000d),
    .operationEnded(OperationName.addPages.number, subject: 0, result: .min),
    .operationEnded(OperationName.reclaim.number, subject: .max, result: 0),
    .slotFilled(enclave: 0, offset, page(7)), .slotReleased(enclave: 0, offset), .slotEvicted(enclave: 0, offset, page(7)),
    .slotLoaded(enclave: 0, offset, page(9)),
    .secsEvicted(enclave: 0, page(1)), .secsLoaded(enclave: 0, page(4)),
    .threadsInterrupted(enclave: 0),
    .pageAllocated(page(7)), .pageFreed(page(7)), .pageLeaked(page(7)),
    .memoryWritten(process: 0),
    .poolEmpty,
    .copyFailed(.pin),
    .warned(site: WarningSite.EREMOVE_LEAK.rawValue, value: LeafError.SGX_CHILD_PRESENT.rawValue),
    .signalPending(SignalNumber(14)!), .signalDelivered(SignalNumber(14)!),
    .restarted(OperationName.addPages.number),
    .slept(milliseconds: 20),
  ]

  private static func page(_ number: UInt32) -> PhysPageNumber { PhysPageNumber(number) }
  private static let offset = EnclaveOffset(0x5000)

  /// Without a `default`: a new kind does not compile before it is here. Then it must be above and on the page.
  private static func kind(of event: Event) -> String {
    switch event {
    case .leaf: "leaf"
    case .extended: "extended"
    case .thrownOut: "thrownOut"
    case .powerCycled: "powerCycled"
    case .injected: "injected"
    case .operationBegan: "operationBegan"
    case .operationEnded: "operationEnded"
    case .slotFilled: "slotFilled"
    case .slotReleased: "slotReleased"
    case .slotEvicted: "slotEvicted"
    case .slotLoaded: "slotLoaded"
    case .secsEvicted: "secsEvicted"
    case .secsLoaded: "secsLoaded"
    case .threadsInterrupted: "threadsInterrupted"
    case .pageAllocated: "pageAllocated"
    case .pageFreed: "pageFreed"
    case .pageLeaked: "pageLeaked"
    case .memoryWritten: "memoryWritten"
    case .poolEmpty: "poolEmpty"
    case .copyFailed: "copyFailed"
    case .warned: "warned"
    case .signalPending: "signalPending"
    case .signalDelivered: "signalDelivered"
    case .restarted: "restarted"
    case .slept: "slept"
    }
  }

  @Test func everyKindIsOnThePageWithItsText() throws {
    let rows = DocumentationTests.rows(of: try DocumentationTests.page("TraceFormat.md"), under: "Every kind of event")
    let events = Self.samples.map { ["`\(Self.kind(of: $0))`", "`\($0.text)`"] }
    #expect(rows.map { Array($0.prefix(2)) } == events, "in the order of the code, and no others")
    for row in rows { #expect(row.count == 3 && row[2].hasSuffix("."), "\(row) says what it means") }
  }

  /// The cases as the source lists them; a sample for each of them and none twice under two names.
  @Test func thereIsASampleOfEveryCaseOfTheSource() throws {
    let source = try DocumentationTests.page("../Sources/Simulation/Event.swift").prefix { $0 != "}" }
    let cases = source.split(separator: "\n").compactMap { line -> String? in
      guard line.hasPrefix("  case ") else { return nil }
      return String(line.dropFirst(7).prefix { $0.isLetter })
    }
    var kinds: [String] = []
    for kind in Self.samples.map(Self.kind) where kinds.last != kind { kinds.append(kind) }
    #expect(kinds == cases)
  }

  @Test func everyCallIsNamed() throws {
    let page = try DocumentationTests.page("TraceFormat.md")
    for call in OperationName.allCases { #expect(page.contains("`\(call.text)`"), "\(call.text)") }
  }
}
