import Foundation
import Testing

/// A real browser without a window; Debian's chromium, or what `CHROMIUM` names.
enum Browser {
  static let path: String? = {
    let names = [ProcessInfo.processInfo.environment["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    return names.compactMap { $0 }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// In continuous integration a browser that is missing is a failure, not a reason to skip.
  static let isExpected = path != nil || ProcessInfo.processInfo.environment["CI"] == "true"

  enum Scheme: Int, CaseIterable { case dark = 0, light = 1 }

  /// What the page's measuring script found.
  struct Findings: Decodable {
    let scheme: String
    let width: Int
    let scrollWidth: Int
    let overflowing: [String]
    let contrasts: [String]
    let emptyPictures: Int
    let largeSigns: Int
    let pictures: Int
    let visibleFailures: Int
    let openTests: Int
    let elementsWithHandlers: Int
    let scripts: Int
    let requests: [String]
    let headings: [String]
    let filtered: String
    let filesWithFailures: Int
  }

  /// Opens a page in a frame of that width, since a window is never as narrow as a telephone, and measures it there.
  static func measure(_ html: String, width: Int, scheme: Scheme) throws -> Findings {
    let scratch = try Scratch()
    try scratch.write(frame(html, width: width, height: 900, after: measuring), to: "host.html")
    let dump = try run(["--dump-dom", "--virtual-time-budget=8000"], page: scratch.path + "/host.html", width: width, height: 900, scheme, scratch)
    let match = try #require(dump.firstMatch(of: #/data-found="([A-Za-z0-9+\/=]+)"/#), "the browser said: \(dump.prefix(300))")
    return try JSONDecoder().decode(Findings.self, from: try #require(Data(base64Encoded: String(match.1))))
  }

  /// A picture of the page, as PNG.
  static func screenshot(_ html: String, width: Int, height: Int, scheme: Scheme) throws -> Data {
    let scratch = try Scratch()
    try scratch.write(frame(html, width: width, height: height, after: ""), to: "host.html")
    let file = scratch.path + "/a.png"
    _ = try run(
      ["--screenshot=\(file)", "--hide-scrollbars", "--virtual-time-budget=4000"], page: scratch.path + "/host.html", width: width, height: height,
      scheme, scratch)
    return try Data(contentsOf: URL(fileURLWithPath: file))
  }

  private static func run(_ arguments: [String], page: String, width: Int, height: Int, _ scheme: Scheme, _ scratch: Scratch) throws -> String {
    let flags = [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=\(scratch.path)/profile",
      "--window-size=\(max(width, 500)),\(height)", "--blink-settings=preferredColorScheme=\(scheme.rawValue)",
    ]
    let words = ([try #require(path, "no browser: install chromium")] + flags + arguments + ["file://" + page]).map { "'\($0)'" }
    return try Tool.run("timeout 120 \(words.joined(separator: " ")) 2>\(scratch.path)/log", in: scratch.path).output
  }

  /// The page as it is, in a frame that a script outside it can look into.
  private static func frame(_ html: String, width: Int, height: Int, after script: String) -> String {
    """
    <!DOCTYPE html><html><head><meta charset="utf-8"><style>:root { color-scheme: light dark } body { margin: 0 } \
    iframe { border: 0; display: block; width: \(width)px; height: \(height)px }</style></head><body><iframe></iframe><script>
    const bytes = Uint8Array.from(atob("\(Data(html.utf8).base64EncodedString())"), c => c.charCodeAt(0))
    const frame = document.querySelector("iframe")
    frame.onload = () => { \(script) }
    frame.srcdoc = new TextDecoder().decode(bytes)
    </script></body></html>
    """
  }

  /// Looks at what is on the page as a reader would see it.
  private static let measuring = #"""
    const page = frame.contentWindow, doc = frame.contentDocument, root = doc.documentElement
    const shown = e => e.getClientRects().length > 0 && e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })
    const overflowing = [...doc.querySelectorAll("body *")].filter(e => shown(e) && !e.closest(".scroll, svg, .skip") && e.getBoundingClientRect().right > root.clientWidth + 1)
      .map(e => e.tagName + "." + e.className)
    const light = colour => {
      const [r, g, b] = colour.match(/[\d.]+/g).map(Number).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05)
    const isClear = colour => colour === "transparent" || /, 0\)$/.test(colour)
    const contrasts = new Set()
    const walker = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const e = walker.currentNode.parentElement
      if (!walker.currentNode.textContent.trim() || ["SCRIPT", "STYLE", "title"].includes(e.tagName) || !shown(e)) continue
      const style = page.getComputedStyle(e)
      let ink = style.color, ground
      if (e.tagName === "text") {
        ink = style.fill
        ground = page.getComputedStyle(e.parentElement.querySelector("rect") === e.previousElementSibling || e.previousElementSibling?.tagName === "rect"
          ? e.previousElementSibling : [...e.parentElement.querySelectorAll("rect")].findLast(r => r.compareDocumentPosition(e) & 4)).fill
      } else {
        for (let at = e; at && (!ground || isClear(ground)); at = at.parentElement) ground = page.getComputedStyle(at).backgroundColor
      }
      const found = ratio(ink, ground)
      if (found < 4.5) contrasts.add(`${e.tagName}.${e.className.baseVal ?? e.className}: ${found.toFixed(2)} ${ink} on ${ground}`)
    }
    const pictures = [...doc.querySelectorAll("svg[role=img]")].filter(shown)
    const search = doc.querySelector("form.filter input[type=search]")
    const openTests = doc.querySelectorAll("details.test[open]").length
    search.value = "no test has this name"
    search.dispatchEvent(new page.Event("input", { bubbles: true }))
    const filtered = doc.querySelector("form.filter output").textContent
    search.value = ""
    search.dispatchEvent(new page.Event("input", { bubbles: true }))
    const failuresOnly = doc.querySelector("form.filter input[type=checkbox]")
    failuresOnly.checked = true
    search.dispatchEvent(new page.Event("input", { bubbles: true }))
    const filesWithFailures = [...doc.querySelectorAll("details.file")].filter(shown).length
    failuresOnly.checked = false
    search.dispatchEvent(new page.Event("input", { bubbles: true }))
    const found = {
      scheme: page.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light", width: root.clientWidth, scrollWidth: root.scrollWidth,
      overflowing, contrasts: [...contrasts], pictures: pictures.length,
      emptyPictures: pictures.filter(s => s.getBoundingClientRect().width < 20 || s.getBoundingClientRect().height < 8 || !s.children.length).length,
      largeSigns: [...doc.querySelectorAll("svg[aria-hidden]")].filter(s => s.getBoundingClientRect().width > 40 || s.getBoundingClientRect().height > 24).length,
      visibleFailures: [...doc.querySelectorAll("details.test.failed .message")].filter(shown).length, openTests,
      elementsWithHandlers: [...doc.querySelectorAll("*")].filter(e => [...e.attributes].some(a => a.name.startsWith("on"))).length,
      scripts: doc.scripts.length, requests: page.performance.getEntriesByType("resource").map(r => r.name),
      headings: [...doc.querySelectorAll("h1, h2, h3, h4, h5")].map(h => h.tagName), filtered, filesWithFailures,
    }
    document.body.dataset.found = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(found))))
    """#
}
