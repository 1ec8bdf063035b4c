-- expect: no module 'nothing'
for i = 1, 10 do pcall(require, 'nothing') end require 'nothing'
