import ScenarioLanguage

/// A scenario and what it requires, found by running its own lines and by reading its text.
///
/// Running says exactly what they require, whatever way the names are made; no test is run, so what tests require is read from the text, where
/// names are written out.
struct BundleParts {
  private(set) var script: ScriptPart
  private(set) var modules: [ScriptPart] = []
  /// What somebody who gets the bundle may miss.
  private(set) var warnings: [String] = []
  /// What the script declares.
  let declarations: ScriptDeclarations
  /// Files that went in, by path.
  private(set) var files: [String]

  /// - Throws: why the script, or a module of it, cannot be used.
  init(file: String, options: RunOptions) throws(Refusal) {
    let limit = options.sourceLimit
    let source = try ScriptFile.read(file, limit: limit)
    let base = file.split(separator: "/").last.map(String.init) ?? file
    script = ScriptPart(name: base, file: source)
    files = [file]
    var found: [String: Module] = [:]
    declarations = Deadline.watch(shown(file)) {
      ScenarioRunner(options: options).declarations(
        source: source, name: file,
        module: { name in
          let module = ScriptFile.module(name, besides: file, limit: limit)
          if let module { found[name] = module }
          return module
        }, image: { ScriptFile.image($0, besides: file) })
    }
    if let error = declarations.error { throw Refusal(error.text) }

    var readings = [(file, ScriptReading(script.text))]
    var asked = Set(found.keys)
    for (name, module) in Self.sorted(found) { readings.append((module.name, ScriptReading(ScriptPart(name: name, file: module.source).text))) }
    // What a text names is looked for too, and what its text names in turn.
    var next = 0
    while next < readings.count {
      let (_, reading) = readings[next]
      next += 1
      for name in reading.modules where !Self.isBundled(name) && asked.insert(name).inserted {
        guard let module = ScriptFile.module(name, besides: file, limit: limit) else {
          warnings.append("\(shown(file)): no module '\(shown(name))' is found; the bundle goes without")
          continue
        }
        found[name] = module
        readings.append((module.name, ScriptReading(ScriptPart(name: name, file: module.source).text)))
      }
    }
    for (name, module) in Self.sorted(found) {
      let part = ScriptPart(name: name, file: module.source)
      // By itself: between the lines of the bundle other texts are Lua too.
      if let problem = ScenarioRunner(options: options).problem(of: part.text, name: module.name) {
        throw Refusal("module '\(name)' cannot be read: \(problem.text)")
      }
      modules.append(part)
      files.append(module.name)
    }
    readings.sort { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    for (name, reading) in readings { warn(about: reading, of: name) }
  }

  private typealias Module = (name: String, source: [UInt8])

  /// Modules in byte order of their names.
  private static func sorted(_ found: [String: Module]) -> [(key: String, value: Module)] {
    found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  /// Names that the bench's own `require` answers before it looks for a file.
  private static func isBundled(_ name: String) -> Bool { name == "sgx" || name.hasPrefix("sgx.") }

  private mutating func warn(about reading: ScriptReading, of file: String) {
    for line in reading.unclearLines {
      warnings.append(
        "\(shown(file)):\(line): which module is required here cannot be read; it is packed only if the script required it while it was read")
    }
    for image in reading.images where !image.isPinned && !declarations.pinnedImages.contains(image.name) {
      warnings.append(
        "\(shown(file)):\(image.line): image '\(shown(image.name))' is not pinned: return { images = { [\"\(shown(image.name))\"] = { sha256 = \"…\" } } }")
    }
  }
}
