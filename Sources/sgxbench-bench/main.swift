import SGXArchitecture
import Testbench

let load = Load(pages: 4096)
let records = load.records
for (name, measured, zero) in [("measured", true, false), ("unmeasured", false, false), ("zero", false, true)] {
  let rounds = 15
  var prepared = (0...rounds).map { _ in load.prepared(zeroSource: zero) }
  var next = 0
  let ratio = Ratio(rounds: rounds, limit: { hashAtOnce(records) }) {
    prepared[next].load(measured: measured)
    next += 1
  }
  print(name, ratio.value, "ns/page", ratio.measured / 4096, "limit ns/page", ratio.limit / 4096)
}
do {
  let ratio = Ratio(rounds: 15, limit: { hashAtOnce(records) }) {
    var m = Measurement(ssaFrameSize: 1, size: 1 << 30)
    for page in 0..<4096 {
      m.add(offset: EnclaveOffset(pageIndex: UInt64(page)), secInfo: Load.secInfo)
      let c = PageContents.bytes(load.image, offset: UInt32(page * 4096))
      for chunk in 0..<16 { m.extend(offset: EnclaveOffset(UInt64(page * 4096 + chunk * 256)), contents: c, pageOffset: chunk * 256) }
    }
    blackHole(m.digest)
  }
  print("measure", ratio.value, "ns/page", ratio.measured / 4096)
}
