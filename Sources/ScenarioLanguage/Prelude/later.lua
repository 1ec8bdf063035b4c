-- Images and loaders are read when a script first uses them: most never do, and reading takes longer than running.

local function images()
  if not image_tools then
    image_tools = { whole = whole, text = text, flag = flag, result = result }
    host.begin_images()
  end
  return require "sgx.images"
end

function sgx.image(...) return images().image(...) end
function sgx.image_from(...) return images().image_from(...) end
function sgx.loaders(...) return images().loaders(...) end
function process:load(...) return images().load(self, ...) end
