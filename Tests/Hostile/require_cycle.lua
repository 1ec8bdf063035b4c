-- expect: module 'cycle_a' requires itself
require 'cycle_a'
