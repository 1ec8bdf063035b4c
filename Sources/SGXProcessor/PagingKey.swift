import SGXArchitecture
import Simulation

/// CR_BASE_PK and the counter of versions: what EWB seals with (SDM 3D, EWB, Operation).
struct PagingKey: Sendable {
  private var chance: RandomStream
  private var words: (UInt64, UInt64)
  /// Made at the first use: most runs evict nothing.
  private var made: DirectPageCipher?
  /// Version that the next EWB uses; 0 is an empty slot, so no page ever has it.
  private(set) var nextVersion: UInt64 = 1

  init(seed: UInt64) {
    chance = RandomStream(seed: seed, purpose: .processor)
    words = (chance.next(), chance.next())
  }

  /// The power was lost: another key. Versions go on, though nothing would go wrong if they did not.
  mutating func renew() {
    words = (chance.next(), chance.next())
    made = nil
  }

  mutating func cipher() -> DirectPageCipher {
    if let made { return made }
    let cipher = DirectPageCipher(key: words.0, words.1)
    made = cipher
    return cipher
  }

  mutating func takeVersion() -> UInt64 {
    defer { nextVersion += 1 }
    return nextVersion
  }
}
