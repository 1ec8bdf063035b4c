-- expect: work limit of 50,000,000 reached (--fuel)
(('a'):rep(50000)):find('.-b')
