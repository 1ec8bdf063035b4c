import LuaHost

/// "did you mean": the word that differs least; of words as near as each other, the first in byte order.
package enum NearestWord {
  /// `; did you mean 'readable'?`, or nothing.
  package static func suggestion(for word: String, among words: [String]) -> String {
    nearest(to: Array(word.utf8), among: words).map { "; did you mean '\($0)'?" } ?? ""
  }

  package static func nearest(to wanted: [UInt8], among names: [String]) -> String? {
    var best: (name: String, distance: Int)?
    let limit = wanted.count < 4 ? 1 : wanted.count < 8 ? 2 : 3
    for name in names {
      guard let found = editDistance(wanted, Array(name.utf8)), found <= limit else { continue }
      if let best, (best.distance, best.name) <= (found, name) { continue }
      best = (name, found)
    }
    return best?.name
  }
}
