-- expect: %p is not available
string.format('%p', {})
