import SGXArchitecture
import SGXProcessor

/// Page tables that a test fills by hand.
public struct PageTable: AddressTranslation, Sendable {
  private var entries: [UInt64: Translation] = [:]

  public init() {}

  public subscript(address: LinearAddress) -> Translation {
    get { entries[address.rawValue / pageSize] ?? .none }
    set { entries[address.rawValue / pageSize] = newValue }
  }

  public func translation(of address: LinearAddress) -> Translation { self[address] }
}
