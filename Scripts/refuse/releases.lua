-- Releases of Linux by their numbers, and behaviours that are switched behind a name.
local sgx = require "sgx"

describe("a release by its number", function()
  -- Whether the search for a page ends, which 9c9368440104 saw to: in 6.12, and on each stable line that was kept then.
  local function answer(driver)
    local narrow = sgx.machine { numa = { "0", "4 KiB" }, driver = driver }
    local result = narrow:process { node = 0 }:open():create { size = 0x8000 }
    return result.outcome == "stopped" and "endless" or result.errno
  end

  for _, driver in ipairs { "6.1.112", "6.5", "6.9.12", "6.11.1", "v6.2" } do
    it("is as its own rows say: " .. driver, { expect_finding = "endless-loop" }, function() expect(answer(driver)):equals("endless") end)
  end

  it("has what its line took over, and what came with the mainline", function()
    for _, driver in ipairs { "6.1.113", "6.1.193", "6.11.2", "6.12", "6.13", "6.18.3" } do expect(answer(driver)):equals("ENOMEM") end
  end)

  it("is the newest known one where it is newer", function()
    expect(sgx.machine { driver = "9.1" }.driver):equals("9.1 (newer than 7.2.13, the newest known)")
    expect(sgx.machine { driver = "9.1" }.behaviours.updatesSVNAtOpen):is_true()
  end)

  it("takes behaviours to switch behind it", function()
    local patched = sgx.machine { driver = "6.1.192+lowersChildCountAfterFailedExtend-keyHashCanFail" }
    expect(patched.driver):equals("6.1.192+lowersChildCountAfterFailedExtend-keyHashCanFail")
    expect(patched.behaviours.lowersChildCountAfterFailedExtend):is_true()
    expect(patched.behaviours.keyHashCanFail):is_false()
  end)
end)

describe("behaviours that no driver can have", function()
  local function refused(options, message)
    local ok, text = pcall(sgx.machine, options)
    expect(ok):is_false()
    expect(text):contains(message)
  end

  it("are refused by name", function()
    refused({ driver = "6.1.192", behaviours = { hasVersionArrays = false } }, "'reclaims' cannot be on where 'hasVersionArrays' is off")
    refused({ driver = "v39+reclaims" }, "'reclaims' cannot be on where 'hasVersionArrays' is off")
  end)

  it("and those that nothing asks for yet", function()
    refused({ behaviours = { hasPoisonList = true } }, "nothing asks for 'hasPoisonList' yet")
    refused({ driver = "6.1.192+ptraceGivesUp" }, "nothing asks for 'ptraceGivesUp' yet")
  end)
end)
