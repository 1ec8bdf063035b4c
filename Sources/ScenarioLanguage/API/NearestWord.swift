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
      let found = distance(wanted, Array(name.utf8))
      guard found <= limit else { continue }
      if let best, (best.distance, best.name) <= (found, name) { continue }
      best = (name, found)
    }
    return best?.name
  }

  /// Letters inserted, removed or replaced.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var last = Array(0...b.count)
    for i in a.indices {
      var now = [i + 1]
      for j in b.indices { now.append(min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, now[j] + 1)) }
      last = now
    }
    return last[b.count]
  }
}
