-- expect: unknown name 'loadstring'
loadstring('return 1')
