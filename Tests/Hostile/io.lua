-- expect: unknown name 'io'
io.open('/etc/passwd')
