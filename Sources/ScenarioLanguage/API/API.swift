/// Everything that scenarios may say, as rows: this is the one place where a name, a default or a range is written.
///
/// A binding reads its arguments by key (`Arguments`), so that a copy of the table with another name, default or range changes what scripts
/// may say, and all that is told of it, at once.
package struct API: Sendable {
  /// Kinds that were changed; the others are as they come.
  private var changed: [APIKind] = []

  package init() {}

  package func kind(_ name: APIKind.Name) -> APIKind { changed.first { $0.name == name } ?? .standard(name) }

  /// Changes a kind of this copy.
  package mutating func change(_ name: APIKind.Name, _ body: (inout APIKind) -> Void) {
    var kind = kind(name)
    body(&kind)
    changed.removeAll { $0.name == name }
    changed.append(kind)
  }

  /// Every kind, in the order in which pages tell them.
  package var kinds: [APIKind] { APIKind.Name.allCases.map { kind($0) } }
}

/// What has members: a kind of handle, or a module.
package struct APIKind: Sendable {
  package enum Name: String, CaseIterable, Sendable { case sgx, machine, process, enclave, provision, image }

  package let name: Name
  package var sentence: String
  package var properties: [APIProperty]
  package var functions: [APIFunction]

  package init(_ name: Name, _ sentence: String, properties: [APIProperty] = [], functions: [APIFunction]) {
    self.name = name
    self.sentence = sentence
    self.properties = properties
    self.functions = functions
  }

  /// A kind as it comes. Each is made when it is first asked for.
  static func standard(_ name: Name) -> APIKind {
    switch name {
    case .sgx: sgx
    case .machine: machine
    case .process: process
    case .enclave: enclave
    case .provision: provision
    case .image: image
    }
  }

  package var isModule: Bool { name == .sgx }
  /// `sgx.Enclave`
  package var className: String { isModule ? "sgx" : "sgx.\(name.rawValue.prefix(1).uppercased())\(name.rawValue.dropFirst())" }

  /// What messages call a function of it: `enclave:create`, `sgx.machine`.
  package func owner(of function: String) -> String { "\(name.rawValue)\(isModule ? "." : ":")\(function)" }

  package func function(_ name: String) -> APIFunction? { functions.first { $0.name == name || $0.aliases.contains(name) } }

  /// Every name that it has, as scripts write them.
  package var memberNames: [String] { functions.flatMap { [$0.name] + $0.aliases } + properties.map(\.name) }
}

/// A function: its arguments in order, its option table behind them, and what comes back.
package struct APIFunction: Sendable {
  package let key: String
  package var name: String
  package var aliases: [String]
  package var arguments: [APIField]
  /// Of the option table; nil where there is none.
  package var options: [APIField]?
  /// The class of the option table, as definitions name it.
  package var optionsClass: String
  /// Types of what it returns, as definitions write them, with a name where there are several.
  package var results: [(type: String, name: String)]
  package var sentence: String
  /// Further ways to call it, for definitions.
  package var overloads: [String]

  package init(
    _ key: String, aliases: [String] = [], _ arguments: [APIField] = [], options: [APIField]? = nil, class optionsClass: String = "",
    returns results: [(type: String, name: String)] = [], overloads: [String] = [], _ sentence: String
  ) {
    self.key = key
    name = key
    self.aliases = aliases
    self.arguments = arguments
    self.options = options
    self.optionsClass = optionsClass
    self.results = results
    self.sentence = sentence
    self.overloads = overloads
  }

  package init(_ key: String, _ sentence: String) { self.init(key, [], sentence) }

  /// Changes the argument or field of that key.
  package mutating func change(_ key: String, _ body: (inout APIField) -> Void) {
    if let index = arguments.firstIndex(where: { $0.key == key }) { body(&arguments[index]) }
    if let index = options?.firstIndex(where: { $0.key == key }) { body(&options![index]) }
  }
}

/// What can be read of a handle, or of a record.
package struct APIProperty: Sendable {
  package let key: String
  package var name: String
  /// As definitions write it.
  package var type: String
  package var sentence: String

  package init(_ key: String, _ type: String, _ sentence: String = "") {
    self.key = key
    name = key
    self.type = type
    self.sentence = sentence
  }
}

/// A table that comes back from a call, or that a property is.
package struct APIRecord: Sendable {
  /// What messages call it.
  package let title: String
  package let className: String
  package let isReadOnly: Bool
  package var sentence: String
  package var fields: [APIProperty]

  package init(_ title: String, _ className: String, isReadOnly: Bool = false, _ sentence: String, _ fields: [APIProperty]) {
    self.title = title
    self.className = className
    self.isReadOnly = isReadOnly
    self.sentence = sentence
    self.fields = fields
  }
}
