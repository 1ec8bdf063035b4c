import Glibc
import Histories
import SGXDriver
import Testbench

// Random histories by the million: random-histories [OPERATIONS] [SEED]. Ends with 1 where something is wrong.

let arguments = CommandLine.arguments.dropFirst()
let wanted = arguments.first.map { Int($0) ?? 0 } ?? 2_000_000
let first = arguments.dropFirst().first.map { UInt64($0) ?? 1 } ?? 1
guard wanted > 0 else {
  print("usage: random-histories [OPERATIONS] [SEED]")
  exit(64)
}

var tally = Tally()
var seed = first
while tally.operations < wanted {
  for driver in DriverVersion.all where tally.operations < wanted {
    var history = History(seed: seed, driver: driver)
    history.run(operations: 400)
    tally.add(history.tally)
    // Chance, clock and hash order must not show: now and then a history is made once more.
    if seed % 64 == 0 {
      var again = History(seed: seed, driver: driver)
      again.run(operations: 400)
      if again.fingerprint != history.fingerprint { tally.wrong.append("seed \(seed), driver \(driver.name): not the same a second time") }
    }
  }
  seed += 1
}
print(tally.text)
exit(tally.wrong.isEmpty ? 0 : 1)
