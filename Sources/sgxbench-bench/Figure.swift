/// One line of the table: a piece of work held against the limit, both taken in the same run.
struct Figure {
  /// How it is asked for on the command line.
  let name: String
  let goal: Goal
  /// Takes it; the argument is how many pairs to time where something is timed.
  let take: (_ rounds: Int) -> Reading

  /// Every figure, in the order of the table.
  static var all: [Figure] {
    Loading.figures + Images.figures + LuaLoading.figures + LifeCycle.figures + Paging.figures + Memory.figures + Forks.figures + Mappings.figures
      + StartUp.figures + Fuel.figures
  }
}

/// What the ratio must be (`Docs/Performance.md` says why).
enum Goal {
  case atLeast(Double)
  case atMost(Double)

  func isMet(by ratio: Double) -> Bool {
    switch self {
    case .atLeast(let bound): ratio >= bound
    case .atMost(let bound): ratio <= bound
    }
  }

  var text: String {
    switch self {
    case .atLeast(let bound): ">= \(bound)"
    case .atMost(let bound): "<= \(bound)"
    }
  }
}

/// What came of taking a figure.
enum Reading {
  /// The ratio, and the two sides of it as a reader wants to see them.
  case ratio(Double, measured: String, limit: String)
  case skipped(reason: String)
}

/// The table, printed line by line as it is taken.
struct Table {
  /// Lines whose goal was not met.
  private(set) var missed = 0

  init() {
    Self.print("figure", "measured", "limit of the same run", "ratio", "goal", "met?")
    Self.print("---", "---", "---", "---", "---", "---")
  }

  mutating func add(_ figure: Figure, _ reading: Reading) {
    switch reading {
    case .ratio(let ratio, let measured, let limit):
      let isMet = figure.goal.isMet(by: ratio)
      if !isMet { missed += 1 }
      Self.print(figure.name, measured, limit, ratio.text(digits: 3), figure.goal.text, isMet ? "yes" : "NO")
    case .skipped(let reason):
      Self.print(figure.name, "skipped: \(reason)", "", "", figure.goal.text, "-")
    }
  }

  private static func print(_ cells: String...) {
    let widths = [16, 36, 35, 6, 7, 4]
    let padded = zip(cells, widths).map { cell, width in cell + String(repeating: " ", count: max(width - cell.count, 0)) }
    Swift.print("| " + padded.joined(separator: " | ") + " |")
  }
}

extension Double {
  /// Decimal with that many digits behind the point.
  func text(digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = String(Int((magnitude * scale).rounded()))
    let padded = String(repeating: "0", count: max(digits + 1 - scaled.count, 0)) + scaled
    return (self < 0 ? "-" : "") + padded.dropLast(digits) + (digits > 0 ? "." + padded.suffix(digits) : "")
  }
}
