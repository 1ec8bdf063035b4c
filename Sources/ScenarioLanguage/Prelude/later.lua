-- What is read when a script first uses it: most scripts never do, and reading it takes longer than running them.

local function images()
  image_tools = { whole = whole, text = text, flag = flag, result = result }
  return require "sgx.images"
end

function sgx.image(...) return images().image(...) end
function sgx.image_from(...) return images().image_from(...) end
function sgx.loaders() return images().loaders() end
function process:load(...) return images().load(self, ...) end
