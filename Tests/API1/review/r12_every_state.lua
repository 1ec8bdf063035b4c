-- R12: every call has a defined answer in every state. Docs/StateMachines.md has the whole table, made by asking the driver; here
-- are the answers that a loader relies on.
local sgx = require "sgx"

-- A machine with an enclave in that state, and the calls that can be made on it with arguments that are right.
local function enclave_in(state)
  local machine = sgx.machine { epc = "256 KiB" }
  local process = machine:process()
  local enclave = process:open()
  local calls = {}
  function calls.create() return enclave:create { size = 0x8000 } end
  function calls.add_pages()
    return enclave:add_pages { source = process:map { pages = 1 }, offset = 0x1000, pages = 1, secinfo = { permissions = "r" } }
  end
  function calls.init()
    return enclave:init { sigstruct = sgx.sigstruct { enclave_hash = enclave.measurement or string.rep("\0", 32) } }
  end
  function calls.provision()
    return enclave:provision { descriptor = process:open("/dev/sgx_provision") or process:open("/dev/sgx/provision") }
  end
  function calls.unknown() return enclave:ioctl(0x1234) end
  if state ~= "empty" then ensure(calls.create().errno):is_nil() end
  if state == "initialized" then ensure(calls.init().errno):is_nil() end
  return machine, enclave, calls
end

local answers = {
  empty = { create = "success", add_pages = "EINVAL", init = "EINVAL", provision = "success", unknown = "ENOTTY" },
  created = { create = "EINVAL", add_pages = "success", init = "success", provision = "success", unknown = "ENOTTY" },
  initialized = { create = "EINVAL", add_pages = "EINVAL", init = "EINVAL", provision = "success", unknown = "ENOTTY" },
}

for _, state in ipairs { "empty", "created", "initialized" } do
  for _, call in ipairs { "create", "add_pages", "init", "provision", "unknown" } do
    -- covers: R12
    it("an enclave that is " .. state .. " answers " .. call .. " with " .. answers[state][call], function()
      local machine, enclave, calls = enclave_in(state)
      expect(calls[call]().errno or "success"):equals(answers[state][call])
      enclave:close()
      expect(machine.epc.free):equals(machine.epc.total)
    end)
  end
end
