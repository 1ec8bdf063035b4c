-- expect: a module name is parts
require 'a\0b'
