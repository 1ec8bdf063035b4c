-- How much EPC a load takes: the SECS, one page for each page, and a version array for each 512.
local sgx = require "sgx"

local no_reclaimer = { "v39", reason = "13/24 has no reclaimer: an EPC that is full is ENOMEM" }
local no_arrays = { "v39", reason = "13/24 has no version arrays" }

-- A machine of `pages` pages of EPC that evicts nothing, with an enclave of `size` bytes in it.
local function created_enclave(pages, size)
  local machine = sgx.machine { epc = pages * sgx.PAGE_SIZE, ksgxd = "manual" }
  local process = machine:process()
  local enclave = process:open()
  ensure(enclave:create { size = size }.errno):is_nil()
  return machine, process, enclave
end

-- Pages of EPC that CREATE takes: the SECS and, where the version has them, a version array.
local function taken(machine) return machine.behaviours.hasVersionArrays and 2 or 1 end

local function add(process, enclave, pages, offset)
  return enclave:add_pages {
    source = process:map { pages = pages, prot = "rw" }, offset = offset or 0, pages = pages,
    secinfo = { permissions = "rw" }, measure = false,
  }
end

describe("an EPC of so many pages", function()
  it("takes a load that fills it to the last page", function()
    local machine, process, enclave = created_enclave(10, 0x10000)
    local room = 10 - taken(machine)
    local result = add(process, enclave, room)
    expect(result.errno):is_nil()
    expect(result.count):equals(room * sgx.PAGE_SIZE)
    expect(machine.epc.free):equals(0)
    expect(machine.epc.valid):equals(10)
    enclave:close()
    expect(machine.epc.free):equals(machine.epc.total)
  end)

  it("evicts pages where one is missing", { fails_on = no_reclaimer }, function()
    local machine, process, enclave = created_enclave(9, 0x10000)
    local pages = 9 - taken(machine) + 1
    local result = add(process, enclave, pages)
    expect(result.errno):is_nil()
    expect(result.count):equals(pages * sgx.PAGE_SIZE)
    expect(enclave.pages):equals(pages)
    expect(machine.epc.evictions > 0):equals(true)
  end)

  -- covers: A6
  it("answers ENOMEM where nothing could be evicted", function()
    local machine, process, enclave = created_enclave(2, 0x8000)
    local room = 2 - taken(machine)                    -- none, or one in v39, which evicts nothing
    local result = add(process, enclave, room + 1)
    expect(result.errno):equals("ENOMEM")
    expect(result.count):equals(room * sgx.PAGE_SIZE)
    expect(enclave.pages):equals(room)
    expect(enclave.page_count):equals(machine.behaviours.hasVersionArrays and 1 or 0)    -- counted for the arrays' sake
  end)

  -- covers: C9
  it("answers ENOMEM to CREATE where only one page is left, and gives that page back", { fails_on = no_arrays }, function()
    local machine = sgx.machine { epc = "4 KiB", ksgxd = "manual" }
    local enclave = machine:process():open()
    expect(enclave:create { size = 0x8000 }.errno):equals("ENOMEM")
    expect(enclave.state):equals("empty")
    expect(enclave.page_count):equals(0)
    expect(machine.epc.free):equals(1)
  end)
end)

describe("a version array", function()
  it("holds the SECS and 511 pages, and a second one comes with the 512th", { fails_on = no_arrays }, function()
    local machine, process, enclave = created_enclave(600, 0x400000)
    expect(add(process, enclave, 511).errno):is_nil()
    expect(enclave.page_count):equals(512)
    expect(enclave.version_arrays):equals(1)
    expect(machine.epc.free):equals(600 - 513)
    expect(add(process, enclave, 1, 511 * sgx.PAGE_SIZE).errno):is_nil()
    expect(enclave.version_arrays):equals(2)
    expect(machine.epc.free):equals(600 - 515)
    enclave:close()
    expect(machine.epc.free):equals(600)
  end)

  it("goes again when the page it was made for cannot be added", { fails_on = no_arrays }, function()
    local machine, process, enclave = created_enclave(600, 0x400000)
    ensure(add(process, enclave, 511).errno):is_nil()
    machine:inject { fault = "GP", at = { site = "leaf:EADD" } }
    expect(add(process, enclave, 1, 511 * sgx.PAGE_SIZE).errno):equals("EIO")
    expect(enclave.version_arrays):equals(1)
    expect(machine.epc.free):equals(600 - 513)
    expect(add(process, enclave, 1, 511 * sgx.PAGE_SIZE).errno):is_nil()
    expect(enclave.version_arrays):equals(2)
  end)

  -- covers: A9
  it("fails to come with ENOMEM where there is no memory for its descriptor", { fails_on = no_arrays }, function()
    local machine, process, enclave = created_enclave(600, 0x400000)
    ensure(add(process, enclave, 511).errno):is_nil()
    machine:inject { fault = "nomem", at = { site = "allocation:va_descriptor" } }
    local result = add(process, enclave, 1, 511 * sgx.PAGE_SIZE)
    expect(result.errno):equals("ENOMEM")
    expect(enclave.page_count):equals(512)
    expect(machine.epc.free):equals(600 - 513)
  end)

  -- covers: A9
  it("fails to come with EFAULT and a warning when EPA faults", { fails_on = no_arrays }, function()
    local machine, process, enclave = created_enclave(600, 0x400000)
    ensure(add(process, enclave, 511).errno):is_nil()
    machine:inject { fault = "GP", at = { site = "leaf:EPA" } }
    expect(add(process, enclave, 1, 511 * sgx.PAGE_SIZE).errno):equals("EFAULT")
    expect(machine.log.warnings):contains("EPA")
    expect(enclave.pages):equals(511)
    expect(machine.epc.free):equals(600 - 513)
  end)
end)

describe("the place of a page", function()
  it("may be the last of the range", function()
    local _, process, enclave = created_enclave(32, 0x8000)
    expect(add(process, enclave, 1, 0x7000).errno):is_nil()
  end)

  it("may be any page not taken: order is the loader's", function()
    local _, process, enclave = created_enclave(32, 0x8000)
    for _, offset in ipairs { 0x7000, 0, 0x3000 } do expect(add(process, enclave, 1, offset).errno):is_nil() end
    expect(enclave.pages):equals(3)
    expect(enclave.child_count):equals(3)
  end)
end)
