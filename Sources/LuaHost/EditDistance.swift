import CLuaHost

/// How many letters are inserted, removed, replaced, or swapped with their neighbour to make one name of the other; nil where one of them has
/// more than 255 bytes. It is the distance by which Lua's own messages suggest a name.
package func editDistance(_ one: [UInt8], _ other: [UInt8]) -> Int? {
  guard max(one.count, other.count) <= Int(LUAHOST_NAME_MAX) else { return nil }
  return one.withUnsafeBytes { one in
    other.withUnsafeBytes { other in
      // An empty array may have no place, and a function of C wants one.
      let (a, b): (UnsafeRawPointer, UnsafeRawPointer) = (one.baseAddress ?? nowhere, other.baseAddress ?? nowhere)
      return Int(luahost_edit_distance(
        a.assumingMemoryBound(to: CChar.self), one.count, b.assumingMemoryBound(to: CChar.self), other.count))
    }
  }
}

private var nowhere: UnsafeRawPointer { UnsafeRawPointer(StaticString("").utf8Start) }
