-- A scenario to begin with. Run it with `sgxbench run FILE`, on every driver with `--driver all`; `sgxbench check FILE` lists its tests.
-- Every word is explained in Docs/ScenarioReference.md. Change what you like: no test shares anything with another.
local sgx = require "sgx"

-- Made anew ahead of each test: a machine with little EPC, a process on it, and an enclave of 64 KiB that has no pages yet.
local machine, process, enclave

before_each(function()
  machine = sgx.machine { epc = "256 KiB" }
  process = machine:process()
  enclave = process:open()
  -- `ensure` ends the test where it fails, `expect` goes on. A call's errno is nil where it went well.
  ensure(enclave:create { size = 0x10000 }.errno):is_nil()
end)

-- Adds so many measured pages of code at the beginning of the enclave.
local function load(pages)
  return enclave:add_pages {
    source = process:map { pages = pages, fill = 0x90, prot = "rx" },
    offset = 0, pages = pages, secinfo = { type = "REG", permissions = "rx" }, measure = true,
  }
end

describe("loading an enclave", function()
  it("adds every page, and close gives all EPC back", function()
    local result = load(8)
    expect(result.errno):is_nil()
    expect(result.count):equals(8 * sgx.PAGE_SIZE)
    expect(enclave.pages):equals(8)

    -- A SIGSTRUCT for the measurement as it is now, signed with a key of the bench's own.
    expect(enclave:init { sigstruct = enclave:sign() }.errno):is_nil()
    expect(enclave.state):equals("initialized")

    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
    expect(machine.log.warnings):is_empty()
  end)

  it("keeps what it added when memory runs out, and says how much", function()
    -- The fifth page finds no memory for its descriptor. Docs/FaultModel.md lists what can go wrong, and where.
    machine:inject { fault = "nomem", at = { site = "allocation:page_descriptor", nth = 5 } }
    local result = load(8)
    expect(result.errno):equals("ENOMEM")
    expect(result.count):equals(4 * sgx.PAGE_SIZE)
    expect(enclave.pages):equals(4)

    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
    expect(machine.log.warnings):is_empty()
  end)
end)

-- What the scenario says of itself; all of it may be left out. `requires` is the version of the words above. Images that are shared with a
-- scenario are pinned here: images = { app = { sha256 = "…" } }.
return {
  about = "Loads an enclave, and runs out of memory half-way.",
  requires = "sgxbench 2",
}
