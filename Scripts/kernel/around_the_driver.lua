-- What Linux asks before it asks the driver: modes of the devices, the mount they lie on, the lowest address, how many files and mappings.
local sgx = require "sgx"

describe("an enclave based at 0", function()
  local process, enclave
  before_each(function()
    process = sgx.machine { epc = "1 MiB" }:process()
    enclave = process:open()
    ensure(enclave:create { size = "256 MiB", base = 0 }.errno):is_nil()
  end)

  it("cannot be mapped below vm.mmap_min_addr", function()
    expect(process:mmap { enclave = enclave, prot = "rw" }.errno):equals("EPERM")
    expect(process:mmap { enclave = enclave, address = 0, pages = 1 }.errno):equals("EPERM")
    expect(process:mmap { enclave = enclave, address = 0xf000, pages = 1 }.errno):equals("EPERM")
    expect(process:mmap { enclave = enclave, address = 0x10000, pages = 16 }.errno):is_nil()
  end)

  it("can be mapped by root, and where the setting is 0", function()
    local machine = sgx.machine { epc = "1 MiB", mmap_min_addr = 0 }
    local low = machine:process():open()
    ensure(low:create { size = "256 MiB", base = 0 }.errno):is_nil()
    for _, options in ipairs { { machine = machine, user = 1000 }, { machine = sgx.machine { epc = "1 MiB" }, user = 0 } } do
      local who = options.machine:process { user = options.user }
      local own = who:open()
      ensure(own:create { size = "64 KiB", base = 0 }.errno):is_nil()
      expect(who:mmap { enclave = own, address = 0, pages = 1 }.errno):is_nil()
    end
  end)
end)

describe("a device", function()
  it("is opened by its group, its user and root, by nobody else", function()
    local machine = sgx.machine { epc = "1 MiB", devices = { provision = { mode = "0640", user = 7, group = "sgx_prv" } } }
    local function open(options, path)
      local handle, result = machine:process(options):open(path)
      return handle and "opened" or result.errno
    end
    expect(open({ groups = { "sgx" } })):equals("opened")
    expect(open({ groups = { "sgx_prv" } })):equals("EACCES")
    expect(open({ groups = {} })):equals("EACCES")
    expect(open({ user = 0, groups = {} })):equals("opened")
    local provision = machine.behaviours.hasDeviceDirectory and "/dev/sgx/provision" or "/dev/sgx_provision"
    expect(open({ user = 7, groups = {} }, provision)):equals("opened")
    expect(open({ groups = { "sgx_prv" } }, provision)):equals("EACCES")            -- the group may only read
    expect(open({ user = 8, groups = { "sgx" } }, provision)):equals("EACCES")
  end)

  it("on a noexec mount is never executable, and ADD_PAGES does not mind", function()
    local process = sgx.machine { epc = "1 MiB", devices = { noexec = true } }:process()
    local enclave = process:open()
    ensure(enclave:create { size = "64 KiB" }.errno):is_nil()
    local source = process:map { pages = 1, prot = "r" }
    ensure(enclave:add_pages { source = source, offset = 0, pages = 1, secinfo = { permissions = "rx" } }.errno):is_nil()
    expect(process:mmap { enclave = enclave, pages = 1, prot = "rx" }.errno):equals("EPERM")
    local mapped = process:mmap { enclave = enclave, pages = 1, prot = "r" }
    expect(mapped.errno):is_nil()
    expect(process:mprotect { address = mapped.address, pages = 1, prot = "rx" }.errno):equals("EACCES")
  end)
end)

describe("a limit", function()
  it("of open files is EMFILE, and a closed one makes room", function()
    local process = sgx.machine { epc = "1 MiB" }:process { nofile = 5 }
    local first, second = process:open(), process:open()
    ensure(second ~= nil):equals(true)
    local third, result = process:open()
    expect(third):is_nil()
    expect(result.errno):equals("EMFILE")
    first:close()
    expect(process:open() ~= nil):equals(true)
  end)

  it("of mappings is ENOMEM for one more, for a hole, and for a change in the middle", function()
    local process = sgx.machine { epc = "1 MiB", max_map_count = 3 }:process()
    local enclave = process:open()
    ensure(enclave:create { size = "1 MiB", base = 0x100000 }.errno):is_nil()
    for index = 0, 3 do
      expect(process:mmap { enclave = enclave, address = 0x100000 + index * 0x10000, pages = 4 }.errno):is_nil()
    end
    expect(process:mmap { enclave = enclave, address = 0x180000, pages = 4 }.errno):equals("ENOMEM")
    expect(process:munmap { address = 0x101000, pages = 1 }.errno):equals("ENOMEM")
    expect(process:mprotect { address = 0x101000, pages = 1, prot = "r" }.errno):equals("ENOMEM")
    expect(process:mprotect { address = 0x101000, pages = 1, prot = "rw" }.errno):is_nil()             -- nothing changes, so nothing is split
    expect(process:munmap { address = 0x100000, pages = 4 }.errno):is_nil()
    expect(process:munmap { address = 0x110000, pages = 2 }.errno):is_nil()
    expect(process:mprotect { address = 0x121000, pages = 1, prot = "r" }.errno):equals("ENOMEM")        -- two more would be five
  end)
end)

it("asks in Linux's order: descriptor, length, number of mappings, place, mount, device", function()
  local machine = sgx.machine { epc = "1 MiB", devices = { noexec = true } }
  local process = machine:process()
  local enclave = process:open()
  ensure(enclave:create { size = "64 KiB", base = 0x100000 }.errno):is_nil()
  local function answer(options)
    options.enclave = enclave
    return process:mmap(options).errno
  end
  expect(answer { length = 0, address = 1, prot = "rx" }):equals("EINVAL")
  expect(answer { length = "0xffffffffffffffff", address = 1, prot = "rx" }):equals("ENOMEM")
  expect(answer { length = "0x800000000000", address = 1, private = true }):equals("ENOMEM")
  expect(answer { pages = 1, address = 1, private = true, prot = "rx" }):equals("EINVAL")
  expect(answer { pages = 1, address = "0x7ffffffff000", prot = "rx" }):equals("ENOMEM")
  expect(answer { pages = 1, address = 0x1001, prot = "rx" }):equals("EINVAL")
  expect(answer { pages = 1, address = 0x1000, prot = "rx" }):equals("EPERM")
  expect(answer { pages = 1, address = 0x100000, prot = "rx" }):equals("EPERM")
end)
