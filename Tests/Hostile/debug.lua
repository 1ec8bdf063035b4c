-- expect: unknown name 'debug'
debug.sethook()
