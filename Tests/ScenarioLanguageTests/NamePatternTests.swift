import ScenarioLanguage
import Simulation
import Testing

@Suite("Parts of names") struct NamePatternTests {
  /// Against every place of the name, one after the other.
  @Test func findsWhatASearchOfEveryPlaceFinds() {
    var chance = RandomStream(seed: 1, purpose: .script)
    func word(_ most: UInt64) -> [UInt8] { (0..<chance.next(below: most + 1)).map { _ in chance.next(below: 2) == 0 ? 97 : 98 } }
    func isThere(_ part: ArraySlice<UInt8>, _ text: [UInt8]) -> Bool {
      part.isEmpty || (0...text.count).contains { text[$0...].starts(with: part) }
    }
    var found = 0
    for _ in 0..<20_000 {
      let part = word(7), text = word(24)
      let fits = NamePattern(String(decoding: part, as: UTF8.self)).fits(String(decoding: text, as: UTF8.self))
      #expect(fits == isThere(part[...], text), "\(part) in \(text)")
      if fits { found += 1 }
    }
    #expect(found > 2_000 && found < 18_000)
  }

  @Test func partsStandInTheirOrder() {
    #expect(NamePattern("ab*ba").fits("abba") && !NamePattern("ab*ba").fits("aba") && NamePattern("aab").fits("aaab"))
    #expect(NamePattern("=ab").fits("ab") && !NamePattern("=ab").fits("abc") && NamePattern("*").fits(""))
  }

  @Test func aTextNamesOneTestAlone() {
    #expect(NamePattern.text(for: "loads", among: ["loads", "stores"]) == "loads")
    #expect(NamePattern.text(for: "loads", among: ["loads", "loads again"]) == "=loads")
    #expect(NamePattern.text(for: "loads", among: (0..<300).map { "test \($0)" }) == "=loads", "among very many it is not looked for")
  }
}
