-- expect: work limit of 50,000,000 reached (--fuel)
(('a'):rep(100)):find(('a*'):rep(6) .. 'b')
