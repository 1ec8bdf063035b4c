-- A user's own enclave image: read, looked at, and loaded through the driver. This one is an SGXS stream made here, so that the scenario
-- needs no file; with a file it is sgx.image("app") and `sgxbench run --image app=PATH`.
local sgx = require "sgx"

-- Code, a TCS, an SSA frame, all measured, and pages of heap that are not.
local function stream(size, heap)
  local parts = { "ECREATE\0" .. string.pack("<I4I8", 1, size) .. string.rep("\0", 44) }
  local function page(offset, flags, content)
    parts[#parts + 1] = "EADD\0\0\0\0" .. string.pack("<I8I8", offset, flags) .. string.rep("\0", 40)
    content = content and content .. string.rep("\0", 4096 - #content) or ""
    for at = 0, #content - 1, 256 do
      parts[#parts + 1] = "EEXTEND\0" .. string.pack("<I8", offset + at) .. string.rep("\0", 48) .. content:sub(at + 1, at + 256)
    end
  end
  page(0x0000, 0x205, "\x48\x89\xcb\xb8\x04\x00\x00\x00\x0f\x01\xd7")
  page(0x1000, 0x100, sgx.tcs { ossa = 0x2000, fslimit = 0xfff, gslimit = 0xfff })
  page(0x2000, 0x203, string.rep("\0", 4096))
  for index = 1, heap do page(0x2000 + index * 0x1000, 0x203) end
  return table.concat(parts)
end

local machine, process, image

before_each(function()
  machine = sgx.machine { epc = "1 MiB" }
  process = machine:process()
  local unsigned = sgx.image_from(stream(0x8000, 3))
  image = sgx.image_from(stream(0x8000, 3), { sigstruct = sgx.sigstruct { enclave_hash = unsigned.mrenclave } })
end)

describe("an image", function()
  it("says what is in it", function()
    expect(image.format):equals("SGXS")
    expect(image.size):equals(0x8000)
    expect(image.pages):equals(6)
    expect(image.measured_pages):equals(3)
    expect(image.threads):equals(1)
    expect(image.attributes):equals(4)
    expect(image.xfrm):equals(3)
    expect(image.sigstruct):has_length(1808)
    expect(image.mrsigner):equals("97b5c665cf89615baaf3d7f99f13a1c5b49bdb07183373f3f6e63af404e539d1")
  end)

  it("has the MRENCLAVE that its records hash to", function()
    -- Without a heap and half as large it is an enclave whose value is known from elsewhere. All of its records are hashed, so that
    -- MRENCLAVE is the SHA-256 of the stream.
    local small = sgx.image_from(stream(0x4000, 0))
    expect(small.mrenclave):equals("6972ee47174d2bc74b98aa77107cec2c6ec20b30b88a8e8c1ba5af876c25067a")
    expect(small.sha256):equals(small.mrenclave)
  end)

  it("comes as stretches of like pages", function()
    expect(image.ranges):equals(4)
    local heap = image:range(4)
    expect(heap.offset):equals(0x3000)
    expect(heap.pages):equals(3)
    expect(heap.permissions):equals("rw")
    expect(heap.type):equals("REG")
    expect(heap.measured):is_false()
    expect(image:range(2).type):equals("TCS")
    expect(image:range(1).measured):is_true()
  end)
end)

describe("loading it", function()
  it("ends in an initialised enclave with the image's MRENCLAVE, whoever loads it", function()
    for _, loader in ipairs { sgx.loaders() } do
      local enclave, result = process:load(image, { loader = loader })
      expect(result.ok):is_true()
      expect(result.stage):equals("init")
      expect(result.pages):equals(6)
      expect(enclave.state):equals("initialized")
      expect(enclave.mrenclave):equals(image.mrenclave)
      enclave:close()
    end
    expect(machine.epc.free):equals(machine.epc.total)
    expect(machine.log.warnings):is_empty()
  end)

  it("takes a call a stretch, or a call a page", function()
    local _, whole = process:load(image, { loader = "whole" })
    local _, page = process:load(image, { loader = "page" })
    -- Open, CREATE and INIT beside them.
    expect(whole.calls):equals(3 + 4)
    expect(page.calls):equals(3 + 6)
  end)

  it("can leave INIT to the script, and map what was loaded", function()
    local enclave, result = process:load(image, { init = false })
    expect(result.stage):equals("add")
    expect(enclave.state):equals("created")
    expect(enclave.measurement):equals(image.mrenclave)
    expect(enclave:init { sigstruct = enclave:sign { isvsvn = 7 } }.errno):is_nil()

    local mapped, all = process:load(image, { map = true })
    expect(all.ok):is_true()
    expect(all.stage):equals("map")
    expect(process:read(mapped.base).outcome):equals("ok")
    expect(process:write(mapped.base).outcome):equals("SIGSEGV")
  end)

  it("is refused by EINIT where a byte of a measured page is another", function()
    for _, offset in ipairs { 0x0000, 0x0fff, 0x2abc } do
      local enclave, result = process:load(image, { flip = offset })
      expect(result.stage):equals("init")
      expect(result.errno):equals("EPERM")
      expect(table.concat(machine:trace(16), "\n")):contains("SGX_INVALID_MEASUREMENT")
      expect(enclave.state):equals("created")
      enclave:close()
    end
    expect(machine.log.warnings):is_empty()
  end)

  it("is not refused where nobody measures", function()
    local _, result = process:load(image, { flip = 0x3123 })
    expect(result.ok):is_true()
  end)

  it("says at which stage it failed, and how far it came", {
    fails_on = { "v39", reason = "EIO destroys the enclave, and CREATE looks at the base itself" },
  }, function()
    machine:inject { fault = "power", at = { site = "leaf:EADD", nth = 5 } }
    local enclave, result = process:load(image, { loader = "page" })
    expect(result.ok):is_false()
    expect(result.stage):equals("add")
    expect(result.errno):equals("EIO")
    expect(result.pages):equals(4)
    expect(enclave.pages):equals(4)

    local _, crowded = process:load(image, { base = 0x1000 })
    expect(crowded.stage):equals("create")
    expect(crowded.errno):equals("EIO")
  end)

  it("fails at open where the device does, without an enclave", function()
    machine:inject { fault = "nomem", at = { site = "allocation", nth = 1 } }
    local enclave, result = process:load(image)
    expect(enclave):is_nil()
    expect(result.stage):equals("open")
    expect(result.errno):equals("ENOMEM")
    expect(result.calls):equals(1)
  end)

  it("ends with the process that a signal kills", function()
    machine:inject { signal = "SIGTERM", at = { site = "signal_poll", nth = 3 } }
    local _, result = process:load(image, { keep_going = true })
    expect(result.ok):is_false()
    expect(result.outcome):equals("killed")
    expect(result.killed):equals("SIGTERM")
    expect(process.alive):is_false()
    expect(machine.epc.free):equals(machine.epc.total)
  end)

  it("can go on where a real loader gives up, up to INIT", function()
    process:sigaction("SIGALRM", { handler = true, restart = false })
    machine:inject { signal = "SIGALRM", at = { site = "signal_poll", nth = 2 } }
    local enclave, result = process:load(image, { loader = "edp", keep_going = true })
    expect(result.stage):equals("add")
    expect(result.errno):equals("EINTR")
    expect(result.pages):equals(5)
    expect(result.last.errno):equals("EPERM")
    expect(enclave.state):equals("created")
  end)

  it("takes a loader of the script's own", function()
    local pairwise = { pages = 2, short = "continue", retry = { "EINTR" }, progress = "use" }
    local _, result = process:load(image, { loader = pairwise })
    expect(result.ok):is_true()
    -- The heap of three pages takes two calls.
    expect(result.calls):equals(3 + 3 + 2)
  end)

  it("asks for the provisioning key only with the device in hand", function()
    local signed = sgx.sigstruct { enclave_hash = image.mrenclave, attributes = 0x14 }
    local _, without = process:load(image, { attributes = 0x14, sigstruct = signed })
    expect(without.stage):equals("init")
    expect(without.errno):equals("EACCES")
    local device = process:open("/dev/sgx_provision") or process:open("/dev/sgx/provision")
    local _, with = process:load(image, { attributes = 0x14, sigstruct = signed, provision = device })
    expect(with.ok):is_true()
    expect(with.stage):equals("init")
  end)

  it("goes on between the steps of others", function()
    local one, other = process:open(), process:open()
    local first = machine:task(function() return select(2, process:load(image, { enclave = one })) end)
    local second = machine:task(function() return select(2, process:load(image, { enclave = other, loader = "page" })) end)
    machine:run()
    expect(first.result.ok):is_true()
    expect(second.result.ok):is_true()
    expect(one.mrenclave):equals(other.mrenclave)
  end)
end)
