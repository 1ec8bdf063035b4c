-- expect: work limit of 50,000,000 reached (--fuel)
(('a'):rep(10000)):find('.-.-b')
