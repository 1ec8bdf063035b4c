-- expect: script memory limit of 8 MiB for one string or table reached
string.pack('c1073741824', 'x')
