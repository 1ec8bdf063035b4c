-- expect: invalid conversion
string.format('%100d', 1)
