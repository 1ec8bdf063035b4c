-- expect: 'io' is not available in scenarios
require 'io'
