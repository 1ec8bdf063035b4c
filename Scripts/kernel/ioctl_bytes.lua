-- ioctl(2) as a program in C makes it: a descriptor, a command word, and the bytes of a struct of the kernel's header.
local sgx = require "sgx"

local CREATE, ADD_PAGES = 0x4008A400, 0xC030A401
local MODIFY_TYPES = 0xC028A406

local process, enclave, memory

before_each(function()
  process = sgx.machine { epc = "1 MiB" }:process()
  enclave = process:open()
  memory = process:map { pages = 4, prot = "rw" }
end)

-- A SECS of 64 KiB at 0x7e0000000000 with frames of one page, in the process's memory.
local function write_secs()
  local secs = string.pack("<I8I8I4I4", 0x10000, 0x7e0000000000, 1, 0) .. string.rep("\0", 24) .. string.pack("<I8I8", 4, 3)
  process:write(memory, secs .. string.rep("\0", 4096 - #secs))
end

local function add_pages(fields)
  return string.pack(
    "<I8I8I8I8I8I8", fields.source or memory + 0x2000, fields.offset or 0, fields.length or 4096, memory + 0x1000, fields.flags or 1, 99)
end

it("loads a page, and the count comes back in the struct", function()
  write_secs()
  ensure(process:ioctl(enclave.descriptor, CREATE, string.pack("<I8", memory)).errno):is_nil()
  expect(enclave.state):equals("created")
  process:write(memory + 0x1000, string.pack("<I8", 0x205) .. string.rep("\0", 56))
  local argument = add_pages { length = 2 * 4096 }
  local result = process:ioctl(enclave.descriptor, ADD_PAGES, argument)
  expect(result.errno):is_nil()
  expect(result.count):equals(2 * 4096)
  expect(result.bytes):equals(argument:sub(1, 40) .. string.pack("<I8", 2 * 4096))
  expect(enclave.pages):equals(2)
end)

it("refuses what Linux refuses: another size, a null pointer, a pointer that leads nowhere", function()
  expect(process:ioctl(enclave.descriptor, CREATE ~ 0x10000, string.pack("<I8", memory)).errno):equals("ENOTTY")
  expect(process:ioctl(enclave.descriptor, CREATE).errno):equals("EFAULT")
  expect(process:ioctl(enclave.descriptor, CREATE, "1234567").errno):equals("EFAULT")
  expect(process:ioctl(enclave.descriptor, CREATE, string.pack("<I8", 0x1000)).errno):equals("EFAULT")
  expect(process:ioctl(enclave.descriptor, ADD_PAGES, add_pages {}).errno):equals("EINVAL")
  expect(process:ioctl(99, CREATE, string.pack("<I8", memory)).errno):equals("EBADF")
end)

it("does not make an answer up for what is not built", {
  expect_finding = "not-modelled", only_on = { from = "6.0", reason = "the ioctls of SGX2 came with 6.0" },
}, function()
  write_secs()
  ensure(process:ioctl(enclave.descriptor, CREATE, string.pack("<I8", memory)).errno):is_nil()
  ensure(enclave:init { sigstruct = enclave:sign {} }.errno):is_nil()
  process:ioctl(enclave.descriptor, MODIFY_TYPES, string.rep("\0", 40))
end)
