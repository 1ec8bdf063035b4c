/// A scenario with the modules it requires, as one Lua text. The same parts make the same bytes.
struct BundleText {
  /// The script that is run.
  let script: ScriptPart
  /// What it requires, in byte order of the names.
  let modules: [ScriptPart]

  /// How a module is found: as the bench's own `require` does, which answers for everything else. Modules and script see this function
  /// under its name, and nothing more.
  private static let opening = """
    local require <const> = (function(host, parts)
      local modules, values, running = nil, {}, {}
      local function find(name)
        local module = modules[name]
        if module == nil then return host(name) end
        if running[name] then error("module '" .. name .. "' requires itself, directly or through others", 2) end
        if values[name] == nil then
          running[name] = true
          local ok, value = pcall(module, name)
          running[name] = nil
          if not ok then error(value, 0) end
          if value == nil then value = true end
          values[name] = value
        end
        return values[name]
      end
      modules = parts(find)
      return find
    end)(require, function(require) return {

    """
  /// The semicolon: a script that begins with a parenthesis would go on with the call otherwise.
  private static let closing = "} end);\n"

  /// - Throws: a problem of a module that cannot be part of a bundle.
  func bytes() throws(Refusal) -> [UInt8] {
    var body: [UInt8] = []
    var header: [(kind: String, part: ScriptPart, line: Int)] = []
    let headerLines = (script.mark == nil ? 0 : 1) + 2 + modules.count + 1
    func line() -> Int { headerLines + ScriptPart.lineEnds(in: body) + 1 }
    if !modules.isEmpty {
      body += Self.opening.utf8
      for module in modules {
        body += "[\"\(module.name)\"] = function(...)\n".utf8
        header.append(("module", module, line()))
        body += try module.moduleText()
        // The last line may be a comment.
        body += "\nend,\n".utf8
      }
      body += Self.closing.utf8
    }
    header.insert(("scenario", script, line()), at: 0)
    body += script.text
    var text: [UInt8] = []
    if let mark = script.mark { text += mark + "\n".utf8 }
    text += """
      -- A scenario in one file: sgxbench run FILE. Made by `sgxbench bundle` of the parts below; change these, not this file.
      -- part      SHA-256                                                           begins at line  name

      """.utf8
    for (kind, part, line) in header {
      text += "-- \(kind)\(String(repeating: " ", count: 10 - kind.utf8.count))\(part.digest)  \(Self.padded(line))  \(shown(part.name))\n".utf8
    }
    precondition(ScriptPart.lineEnds(in: text) == headerLines, "bundle-lines: the header has the lines that were counted")
    return text + body
  }

  private static func padded(_ line: Int) -> String {
    let digits = String(line)
    return digits + String(repeating: " ", count: max(0, 14 - digits.utf8.count))
  }
}
