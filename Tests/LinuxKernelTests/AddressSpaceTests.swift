import SGXArchitecture
import Simulation
import Testing

@testable import LinuxKernel

/// User address space against one record a page.
@Suite("Address space") struct AddressSpaceTests {
  private struct Page: Equatable {
    var protection: PagePermissions
    var mayExecute: Bool
    var kind: Mapping.Kind
    var byte: UInt8
  }

  /// More than one piece of the table of mappings holds.
  private static let pages: UInt64 = 400
  private static func address(_ page: UInt64) -> UserAddress { UserAddress(0x10_0000 + page * pageSize) }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func itAnswersLikeAPageMap(_ seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: .script)
    var space = AddressSpace()
    var model = [Page?](repeating: nil, count: Int(Self.pages))
    for round in 0..<600 {
      let first = random.next(below: Self.pages)
      let range = first..<min(Self.pages, first + 1 + random.next(below: 12))
      let length = ByteCount(UInt64(range.count) * pageSize)
      let protection = PagePermissions(rawValue: UInt8(random.next(below: 8)))
      switch random.next(below: 4) {
      case 0, 1:
        let page = Page(
          protection: protection, mayExecute: random.next(below: 3) > 0,
          kind: random.next(below: 4) == 0 ? .pageFrames : .anonymous, byte: UInt8(random.next(below: 255)))
        let at = space.map(
          at: Self.address(first), length: length, protection: protection, mayExecute: page.mayExecute, kind: page.kind,
          contents: .fill(page.byte))
        #expect(at == Self.address(first))
        for index in range { model[Int(index)] = page }
      case 2:
        space.unmap(Self.address(first), length)
        for index in range { model[Int(index)] = nil }
      default:
        space.protect(Self.address(first), length, as: protection)
        for index in range { model[Int(index)]?.protection = protection }
      }
      if round % 10 == 0 { expect(space, answersLike: model, round: round) }
    }
  }

  private func expect(_ space: AddressSpace, answersLike model: [Page?], round: Int) {
    for (index, page) in model.enumerated() {
      let address = Self.address(UInt64(index))
      let seen = space.mapping(at: address).map {
        Page(protection: $0.protection, mayExecute: $0.mayExecute, kind: $0.kind, byte: $0.page(at: address).bytes()[0])
      }
      #expect(seen == page, "round \(round), page \(index)")
    }
    for (left, right) in zip(space.mappings, space.mappings.dropFirst()) { #expect(left.end <= right.start) }
    #expect(space.mappings.allSatisfy { $0.start < $0.end })
  }

  @Test func aPieceCutFromTheMiddleKeepsItsBytes() {
    var space = AddressSpace()
    var image = [UInt8](repeating: 0, count: 4 * Int(pageSize))
    for page in 0..<4 { image[page * Int(pageSize)] = UInt8(page + 1) }
    let start = space.map(at: nil, length: ByteCount(4 * pageSize), protection: .read, contents: .block(ContentBlock(image)))
    space.unmap(UserAddress(start.rawValue + pageSize), ByteCount(pageSize))
    #expect(space.mappings.count == 2)
    for page in [0, 2, 3] as [UInt64] {
      let address = UserAddress(start.rawValue + page * pageSize)
      #expect(space.mapping(at: address)?.page(at: address).bytes()[0] == UInt8(page + 1))
    }
  }

  @Test func writtenBytesSurviveAChangeOfProtection() {
    var space = AddressSpace()
    let start = space.map(at: nil, length: ByteCount(2 * pageSize), protection: [.read, .write], contents: .fill(9))
    let edge = UserAddress(start.rawValue + pageSize - 2)
    let crossed = space.write([1, 2, 3, 4], at: edge)
    #expect(crossed, "a write may cross a page")
    space.protect(UserAddress(start.rawValue + pageSize), ByteCount(pageSize), as: [])
    let first = space.mapping(at: start)!.page(at: start).bytes()
    let secondAddress = UserAddress(start.rawValue + pageSize)
    let second = space.mapping(at: secondAddress)!.page(at: secondAddress).bytes()
    #expect(first.suffix(3) == [9, 1, 2])
    #expect(second.prefix(3) == [3, 4, 9])
  }

  @Test func aWriteThatMeetsAHoleWritesNothing() {
    var space = AddressSpace()
    let start = space.map(at: nil, length: ByteCount(pageSize), protection: [.read, .write], contents: .fill(9))
    let written = space.write([1, 2, 3], at: UserAddress(start.rawValue + pageSize - 2))
    #expect(!written)
    #expect(space.mapping(at: start)!.page(at: start).bytes().allSatisfy { $0 == 9 })
  }

  @Test func mappingsWithoutAnAddressDoNotTouchEachOther() {
    var space = AddressSpace()
    let first = space.map(at: nil, length: ByteCount(3 * pageSize), protection: .read)
    let second = space.map(at: nil, length: ByteCount(pageSize), protection: .read)
    #expect(space.mappings.count == 2)
    #expect(second.rawValue > first.rawValue + 3 * pageSize, "a hole is left between them")
  }

  @Test func aBlockMayBeginAnywhere() {
    var space = AddressSpace()
    let block = ContentBlock((0..<3 * Int(pageSize)).map { UInt8(truncatingIfNeeded: $0 / 16) })
    let start = space.map(
      at: nil, length: ByteCount(4 * pageSize), protection: .read, contents: .block(block, offset: 0x1010))
    space.unmap(UserAddress(start.rawValue + pageSize), ByteCount(pageSize))
    for (page, first) in [(0, 0x1010), (2, 0x3010), (3, 0x4010)] as [(UInt64, Int)] {
      let address = UserAddress(start.rawValue + page * pageSize)
      let bytes = space.mapping(at: address)!.page(at: address).bytes()
      // What lies behind the block's end is zero.
      let expected = (0..<Int(pageSize)).map { index -> UInt8 in
        let place = first + index
        return place < 3 * Int(pageSize) ? UInt8(truncatingIfNeeded: place / 16) : 0
      }
      #expect(bytes == expected, "page \(page)")
    }
  }

  @Test func everyPageMayBeTheSame() {
    var space = AddressSpace()
    var page = [UInt8](repeating: 0, count: Int(pageSize))
    for index in page.indices { page[index] = UInt8(truncatingIfNeeded: index / 7) }
    let length = ByteCount(31_000_000 * pageSize)
    let start = space.map(at: nil, length: length, protection: .read, contents: .everyPage(PageContents(page)))
    #expect(space.mappings.count == 1)
    for index in [0, 1, 30_999_999] as [UInt64] {
      let address = UserAddress(start.rawValue + index * pageSize)
      #expect(space.mapping(at: address)?.page(at: address).bytes() == page)
    }
  }

  @Test func roomEndsWhereUserSpaceEnds() {
    var space = AddressSpace()
    let tebibyte = UInt64(1) << 40
    var mapped = 0
    while space.hasRoom(for: ByteCount(tebibyte)) {
      _ = space.map(at: nil, length: ByteCount(tebibyte), protection: .read)
      mapped += 1
    }
    #expect(mapped == 15)
    #expect(space.mappings.allSatisfy { $0.end <= AddressSpace.end })
    #expect(space.hasRoom(for: ByteCount(pageSize)))
  }
}
