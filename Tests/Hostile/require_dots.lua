-- expect: a module name is parts
require '../secret'
