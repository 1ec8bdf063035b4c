-- EPC over nodes of memory: whose pages are taken, and the search that never ended.
local sgx = require "sgx"

-- How many pages an enclave of one page takes from each node: the frames of its SECS, version array and page.
local function frames(machine, node)
  local process = machine:process { node = node }
  local enclave = process:open()
  ensure(enclave:create { size = 0x8000 }.errno):is_nil()
  local source = process:map { pages = 1, prot = "r" }
  ensure(enclave:add_pages { source = source, offset = 0, pages = 1, secinfo = { permissions = "r" } }.errno):is_nil()
  local found = {}
  for _, line in ipairs(machine:trace()) do
    local page = string.match(line, "^page (%d+) allocated$")
    if page then found[#found + 1] = page end
  end
  return table.concat(found, " ")
end

describe("a page of EPC", function()
  it("comes from the node of the caller, then from the next", {
    fails_on = { from = "v39", to = "5.12", reason = "the first section that has a page gives it, whatever the caller's node" },
  }, function()
    local function machine() return sgx.machine { numa = { "8 KiB", "0", "8 KiB", "16 KiB" } } end
    expect(frames(machine(), 0)):equals("0 1 2")
    expect(frames(machine(), 1)):equals("2 3 4")
    expect(frames(machine(), 2)):equals("2 3 4")
    expect(frames(machine(), 3)):equals("4 5 6")
  end)

  it("came from the first section until 5.13", function()
    local function on_second_node(driver) return frames(sgx.machine { numa = { "8 KiB", "16 KiB" }, driver = driver }, 1) end
    expect(on_second_node("v39")):equals("0 1")            -- it has no version array
    for _, driver in ipairs { "5.11", "5.12" } do expect(on_second_node(driver)):equals("0 1 2") end
    expect(on_second_node("5.13")):equals("2 3 4")
  end)
end)

describe("a node without EPC, all others full", function()
  -- What CREATE says on node 0 where node 1 has one page, and CREATE needs two.
  local function create(driver)
    local machine = sgx.machine { numa = { "0", "4 KiB" }, driver = driver }
    return machine:process { node = 0 }:open():create { size = 0x8000 }, machine
  end

  for _, driver in ipairs { "5.11", "6.1.192", "6.12", "6.12.107", "6.14", "7.2.13", "reviewed" } do
    -- covers: C9
    it("is ENOMEM: " .. driver, function()
      local result, machine = create(driver)
      expect(result.errno):equals("ENOMEM")
      expect(machine.epc.free):equals(1)
    end)
  end

  for _, driver in ipairs { "5.13", "6.0", "6.1", "6.2", "6.11" } do
    it("was an endless loop: " .. driver, { expect_finding = "endless-loop" }, function()
      local result = create(driver)
      expect(result.outcome):equals("stopped")
      expect(result.errno):is_nil()
    end)
  end

  it("can be switched", function()
    local machine = sgx.machine { numa = { "0", "4 KiB" }, driver = "6.2", behaviours = { loopsWhereNodeHasNoEPC = false } }
    expect(machine:process():open():create { size = 0x8000 }.errno):equals("ENOMEM")
  end)
end)
