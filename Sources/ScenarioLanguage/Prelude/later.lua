-- Images and loaders are read when a script first uses them: most never do, and reading takes longer than running.

local function images()
  if not image_tools then
    image_tools = { whole = whole, text = text, flag = flag }
    host.begin_images()
  end
  return require "sgx.images"
end

rawset(sgx, "image", function(...) return images().image(...) end)
rawset(sgx, "image_from", function(...) return images().image_from(...) end)
rawset(sgx, "loaders", function(...) return images().loaders(...) end)
function process:load(...) return images().load(self, ...) end

