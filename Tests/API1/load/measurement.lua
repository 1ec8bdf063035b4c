-- What a load leaves in MRENCLAVE: the order and place of pages, their rights, and the bytes of the measured ones.
local sgx = require "sgx"

-- The measurement after pages were added as `pages` says: a list of options of add_pages, each with its `fill`.
local function measured(pages)
  local machine = sgx.machine { epc = "256 KiB" }
  local process = machine:process()
  local enclave = process:open()
  ensure(enclave:create { size = 0x8000 }.errno):is_nil()
  for _, page in ipairs(pages) do
    local result = enclave:add_pages {
      source = process:map { pages = 1, fill = page.fill or 0x90 }, offset = page.offset or 0, pages = 1,
      secinfo = { permissions = page.permissions or "rx" }, measure = page.measure, flags = page.flags,
    }
    ensure(result.errno):is_nil()
  end
  return enclave.measurement, enclave.measured_blocks
end

describe("the measurement", function()
  it("is the same for the same load", function()
    expect((measured { { offset = 0 }, { offset = 0x1000 } })):equals((measured { { offset = 0 }, { offset = 0x1000 } }))
  end)

  it("knows the order of pages", function()
    expect((measured { { offset = 0 }, { offset = 0x1000 } })):differs_from((measured { { offset = 0x1000 }, { offset = 0 } }))
  end)

  it("knows the rights of a page", function()
    expect((measured { { permissions = "rx" } })):differs_from((measured { { permissions = "r" } }))
  end)

  it("knows the bytes of a measured page, and not those of one that is not", function()
    expect((measured { { fill = 1 } })):differs_from((measured { { fill = 2 } }))
    expect((measured { { fill = 1, measure = false } })):equals((measured { { fill = 2, measure = false } }))
  end)

  it("grows by 1 record for a page and 5 for each of its 16 chunks", function()
    local _, plain = measured { { measure = false } }
    local _, extended = measured { {} }
    expect(plain):equals(1 + 1)
    expect(extended):equals(1 + 1 + 16 * 5)
  end)

  it("does not know of pages that were refused", function()
    local machine = sgx.machine { epc = "256 KiB" }
    local process = machine:process()
    local enclave = process:open()
    ensure(enclave:create { size = 0x8000 }.errno):is_nil()
    local source = process:map { pages = 1, fill = 0x90 }
    local page = { source = source, offset = 0, pages = 1, secinfo = { permissions = "rx" } }
    ensure(enclave:add_pages(page).errno):is_nil()
    expect(enclave:add_pages(page).errno):equals("EBUSY")
    expect(enclave.measurement):equals((measured { {} }))
  end)
end)
