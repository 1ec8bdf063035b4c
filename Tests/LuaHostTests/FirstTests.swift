import Testing
@testable import LuaHost

@Suite struct FirstTests {
  @Test func runs() throws {
    var printed: [UInt8] = []
    let lua = try Interpreter(output: { printed += $0 })
    try lua.run(source: Array("print(1+1, {}, print)".utf8), name: "a.lua")
    #expect(String(decoding: printed, as: UTF8.self) == "2\ttable#1\tfunction#1\n")
  }
}
