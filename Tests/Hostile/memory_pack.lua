-- expect: script memory limit of 64 MiB reached (--memory)
string.pack('c1073741824', 'x')
