/// An array of up to 2^32 elements of which only the touched parts cost memory, and whose copies share
/// everything until one of them writes: a radix tree of leaves and branches, empty subtrees nil.
///
/// The leaf that was used last is held apart from the tree, so that neighbours cost one comparison and an add.
@frozen public struct SparseTable<Element: Sendable>: @unchecked Sendable {
  // Unchecked because leaves are written only by a unique owner.

  /// Elements of a leaf. Copied whole by a fork's first write.
  @inlinable static var leafBits: UInt32 { 8 }
  /// Children of a branch.
  @inlinable static var branchBits: UInt32 { 8 }

  @usableFromInline let empty: Element
  @usableFromInline var root: [Branch?] = []
  @usableFromInline var hot: Leaf?
  @usableFromInline var hotIndex: UInt32 = .max

  /// `empty` is what an untouched place reads as.
  @inlinable public init(empty: Element) { self.empty = empty }

  @inlinable public subscript(index: UInt32) -> Element {
    get {
      if index >> Self.leafBits == hotIndex, let hot { return hot.elements[Int(index & 255)] }
      return readFromTree(index)
    }
    set { withElement(index) { $0 = newValue } }
  }

  /// Changes one element in place.
  @inlinable public mutating func withElement<Result>(_ index: UInt32, _ body: (inout Element) -> Result) -> Result {
    if index >> Self.leafBits != hotIndex { moveHot(to: index >> Self.leafBits) }
    if !isKnownUniquelyReferenced(&hot) { hot = Leaf(copying: hot.unsafelyUnwrapped) }
    return body(&hot.unsafelyUnwrapped.elements[Int(index & 255)])
  }

  /// Forgets everything at once.
  @inlinable public mutating func removeAll() {
    root = []
    hot = nil
    hotIndex = .max
  }

  /// Calls `body` for each element of each touched leaf, in ascending order of index.
  @inlinable public func forEachTouched(_ body: (UInt32, Element) -> Void) {
    var hotIsDone = hot == nil
    func visit(_ leaf: Leaf, _ leafIndex: UInt32) {
      for offset in 0..<256 { body(leafIndex << Self.leafBits | UInt32(offset), leaf.elements[offset]) }
    }
    for (high, branch) in root.enumerated() {
      guard let branch else { continue }
      for low in 0..<256 {
        let leafIndex = UInt32(high) << Self.branchBits | UInt32(low)
        if !hotIsDone, hotIndex <= leafIndex {
          visit(hot!, hotIndex)
          hotIsDone = true
        }
        if leafIndex != hotIndex, let leaf = branch.children[low] { visit(leaf, leafIndex) }
      }
    }
    if !hotIsDone { visit(hot!, hotIndex) }
  }

  @inlinable @inline(never)
  func readFromTree(_ index: UInt32) -> Element {
    let leafIndex = index >> Self.leafBits
    let high = Int(leafIndex >> Self.branchBits)
    guard high < root.count, let branch = root[high], let leaf = branch.children[Int(leafIndex & 255)] else {
      return empty
    }
    return leaf.elements[Int(index & 255)]
  }

  @inlinable @inline(never)
  mutating func moveHot(to leafIndex: UInt32) {
    if let hot { place(hot, at: hotIndex) }
    hot = take(leafIndex) ?? Leaf(repeating: empty)
    hotIndex = leafIndex
  }

  @inlinable mutating func place(_ leaf: Leaf, at leafIndex: UInt32) {
    branch(for: leafIndex).children[Int(leafIndex & 255)] = leaf
  }

  @inlinable mutating func take(_ leafIndex: UInt32) -> Leaf? {
    let high = Int(leafIndex >> Self.branchBits)
    guard high < root.count, root[high]?.children[Int(leafIndex & 255)] != nil else { return nil }
    let branch = branch(for: leafIndex)
    defer { branch.children[Int(leafIndex & 255)] = nil }
    return branch.children[Int(leafIndex & 255)]
  }

  @inlinable mutating func branch(for leafIndex: UInt32) -> Branch {
    let high = Int(leafIndex >> Self.branchBits)
    while root.count <= high { root.append(nil) }
    if root[high] == nil {
      root[high] = Branch()
    } else if !isKnownUniquelyReferenced(&root[high]) {
      root[high] = Branch(copying: root[high]!)
    }
    return root[high]!
  }

  @usableFromInline final class Leaf {
    @usableFromInline let elements: UnsafeMutablePointer<Element>
    @inlinable init(repeating element: Element) {
      elements = .allocate(capacity: 256)
      elements.initialize(repeating: element, count: 256)
    }
    @inlinable init(copying other: Leaf) {
      elements = .allocate(capacity: 256)
      elements.initialize(from: other.elements, count: 256)
    }
    @inlinable deinit {
      elements.deinitialize(count: 256)
      elements.deallocate()
    }
  }

  @usableFromInline final class Branch {
    @usableFromInline var children: [Leaf?]
    @inlinable init() { children = [Leaf?](repeating: nil, count: 256) }
    @inlinable init(copying other: Branch) { children = other.children }
  }
}
