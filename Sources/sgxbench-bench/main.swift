// Takes the figures named as arguments, or all of them, and prints one table. `--rounds N` sets how many pairs are timed.
// Ends with 1 where a goal is missed, 64 where the arguments make no sense.

import Glibc

func refuse(_ complaint: String) -> Never {
  print("sgxbench-bench: \(complaint); usage: sgxbench-bench [--rounds N] [FIGURE …]")
  print("figures: \(Figure.all.map(\.name).joined(separator: " "))")
  exit(64)
}

var rounds = 15
var names: Set<String> = []
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  if argument == "--rounds" {
    guard let number = arguments.popFirst().flatMap({ Int($0) }), number > 0 else { refuse("--rounds wants a number") }
    rounds = number
  } else if Figure.all.contains(where: { $0.name == argument }) {
    names.insert(argument)
  } else {
    refuse("no figure is called '\(argument)'")
  }
}

let chosen = Figure.all.filter { names.isEmpty || names.contains($0.name) }
var table = Table()
for figure in chosen { table.add(figure, figure.take(rounds)) }
exit(table.missed == 0 ? 0 : 1)
