import ScenarioLanguage

/// What a script's text says it uses: modules and images by name.
struct ScriptReading {
  /// Names in `require "name"` and `pcall(require, "name")`, in order of the text, each once.
  private(set) var modules: [String] = []
  /// Lines on which a module is required whose name is not written out.
  private(set) var unclearLines: [Int] = []
  /// Names in `sgx.image "name"`, in order, each once, and whether each use says its SHA-256 beside it.
  private(set) var images: [(name: String, line: Int, isPinned: Bool)] = []

  init(_ source: [UInt8]) {
    let words = LuaWords(source).filter { $0.kind != .comment }
    for (index, word) in words.enumerated() where word.kind == .name {
      let rest = words[(index + 1)...]
      let name = source[word.range]
      if name.elementsEqual("require".utf8) {
        read(require: rest, line: word.line, isField: Self.isField(words, index, source), source)
      } else if name.elementsEqual("image".utf8), Self.isField(words, index, source) {
        read(image: rest, line: word.line, source)
      }
    }
  }

  private static func isField(_ words: [LuaWords.Word], _ index: Int, _ source: [UInt8]) -> Bool {
    guard index > 0 else { return false }
    // `..` is no dot: `"a" .. require "b"`.
    let before = words[index - 1]
    guard source[before.range].elementsEqual(".".utf8) || source[before.range].elementsEqual(":".utf8) else { return false }
    return !(index > 1 && words[index - 2].range.upperBound == before.range.lowerBound && source[words[index - 2].range].elementsEqual(".".utf8))
  }

  /// `require "x"`, `require("x")`, and `require, "x"` as `pcall` has it. Through a table it is the host's, which a bundle cannot answer.
  private mutating func read(require rest: ArraySlice<LuaWords.Word>, line: Int, isField: Bool, _ source: [UInt8]) {
    var rest = rest
    let first = rest.first.map { source[$0.range] } ?? []
    if first.elementsEqual("(".utf8) || first.elementsEqual(",".utf8) { rest = rest.dropFirst() }
    guard !isField, let word = rest.first, case .text(let value?) = word.kind else {
      unclearLines.append(line)
      return
    }
    // `require("a" .. b)`
    if first.elementsEqual("(".utf8), let end = rest.dropFirst().first, !source[end.range].elementsEqual(")".utf8) {
      unclearLines.append(line)
      return
    }
    let name = String(decoding: value, as: UTF8.self)
    if !modules.contains(name) { modules.append(name) }
  }

  private mutating func read(image rest: ArraySlice<LuaWords.Word>, line: Int, _ source: [UInt8]) {
    var rest = rest
    let isCall = rest.first.map { source[$0.range].elementsEqual("(".utf8) } ?? false
    if isCall { rest = rest.dropFirst() }
    guard let word = rest.first, case .text(let value?) = word.kind else { return }
    let name = String(decoding: value, as: UTF8.self)
    let options = isCall ? rest.prefix { !source[$0.range].elementsEqual(")".utf8) } : []
    let isPinned = options.contains { $0.kind == .name && source[$0.range].elementsEqual("sha256".utf8) }
    if let index = images.firstIndex(where: { $0.name == name }) {
      images[index].isPinned = images[index].isPinned && isPinned
    } else {
      images.append((name, line, isPinned))
    }
  }
}
