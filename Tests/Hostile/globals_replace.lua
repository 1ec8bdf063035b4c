-- expect: 'print' belongs to the bench
print = nil
